"""What the API answers when it refuses, in Stripe's shape."""

from typing import Any


class ApiError(Exception):
    """A request refused before anything was done: rolled back, and not kept for its idempotency key."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error": error_body(kind=kind, message=message, code=code, param=param)}


def error_body(*, kind: str, message: str, **details: Any) -> dict[str, Any]:
    """Give an error object, without the details that are None, as Stripe does."""
    told = {name: value for name, value in details.items() if value is not None}
    if code := told.get("code"):
        told["doc_url"] = f"https://stripe.com/docs/error-codes/{str(code).replace('_', '-')}"
    return {"type": kind, "message": message, **told}


def missing_object(*, kind: str, identifier: str, param: str = "id") -> ApiError:
    """Give the refusal for an object that this account does not have."""
    name = kind.replace("_", " ").replace(".", " ")
    return ApiError(f"No such {name}: '{identifier}'", status=404, code="resource_missing", param=param)
