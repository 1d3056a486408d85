"""The API's routers; each turns a request into a question to `services.queries`."""
