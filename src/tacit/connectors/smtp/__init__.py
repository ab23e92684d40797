"""Mail over SMTP: `SmtpTransport.from_url("smtp://user:pass@host:587?starttls=1&from=shop%40example.com")`."""

from tacit.connectors.smtp.server import Server, ServerError
from tacit.connectors.smtp.transport import SmtpTransport

__all__ = ["Server", "ServerError", "SmtpTransport"]
