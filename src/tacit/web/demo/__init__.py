"""The demo console: play every part in the shop alone, let time pass, and make trouble on purpose."""
