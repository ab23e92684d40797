"""What each web worker loads: the application, in a process that ends with the server's main process."""

from tacit.config.processes import die_with_parent

die_with_parent()

from tacit.config.wsgi import application  # noqa: E402  after the parent is watched, for start-up takes a while

__all__ = ["application"]
