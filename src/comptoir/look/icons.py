"""The few icons, drawn inline so that they take the text's colour and need no request."""

ICONS = {
    "home": '<path d="M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z"/>',
    "invoice": '<path d="M6 3h12v18l-3-2-3 2-3-2-3 2zM9.5 8h5M9.5 12h5"/>',
    "card": '<rect x="3" y="5" width="18" height="14" rx="2.5"/><path d="M3 10h18M7 15h3"/>',
    "bank": '<path d="M4 9.5 12 4l8 5.5zM6 10v7m4-7v7m4-7v7m4-7v7M4 20h16"/>',
    "check_paper": (
        '<rect x="3" y="6" width="18" height="12" rx="1.5"/>'
        '<path d="M6.5 10h6M6.5 14h3M14 14.5c1-1.5 2-1.5 2 0s1.5 1 2-.5"/>'
    ),
    "store": (
        '<path d="M4 10v9a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-9M3 9l2-5h14l2 5a3 3 0 0 1-6 0 3 3 0 0 1-6 0'
        ' 3 3 0 0 1-6 0zM10 20v-5h4v5"/>'
    ),
    "help": (
        '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8M12 16.8v.1"/>'
    ),
    "mail": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m4 7.5 8 6 8-6"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>',
    "menu": '<circle cx="12" cy="8.5" r="3.5"/><path d="M5 20a7 7 0 0 1 14 0"/>',
    "down": '<path d="m7 10 5 5 5-5"/>',
    "back": '<path d="m14 6-6 6 6 6"/>',
    "next": '<path d="m10 6 6 6-6 6"/>',
    "download": '<path d="M12 4v11m-4.5-4 4.5 4.5L16.5 11M5 20h14"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "ring": '<circle cx="12" cy="12" r="7.5"/>',
    "success": '<circle cx="12" cy="12" r="9"/><path d="m8 12.3 2.8 2.8 5.2-6"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11.5V16M12 8v.1"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>',
    "warning": '<path d="M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1"/>',
    "danger": '<path d="M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM9.3 9.3l5.4 5.4m0-5.4-5.4 5.4"/>',
}
