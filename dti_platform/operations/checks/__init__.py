"""The checks of an installation, a module for each kind; each public function is one (``operations.health``)."""
