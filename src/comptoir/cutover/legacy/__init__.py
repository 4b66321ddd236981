"""Reading an old billing system's export: bytes and a mapping profile in, plain records and findings out."""
