"""What ``deploy/try`` plays."""
