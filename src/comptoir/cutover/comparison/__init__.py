"""The parallel run: each company's next invoice by this system beside the old system's last."""
