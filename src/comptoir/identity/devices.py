"""What a browser calls itself, as people call it."""

BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def device_name(user_agent: str) -> str:
    """Return a browser and its system by name, as far as they are known: "Firefox, Windows"."""
    known = (next((name for mark, name in names.items() if mark in user_agent), "") for names in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, known)) or user_agent[:40]
