"""What people look at. Here: how a result is shown. Not here: how it is made."""
