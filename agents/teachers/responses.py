"""OpenAI's Responses API, by the `openai` package, which puts a question again where that can help."""

from __future__ import annotations

from typing import Any

from ...errors import TeacherError
from .asking import Past, Question, Reply, Tokens, sdk, trouble
from .picture import Picture
from .setup import Setup

__all__ = ["Responses", "open_service"]


class Responses:
    """A model behind `POST /v1/responses`; nothing is stored there, so that every question tells all."""

    def __init__(self, setup: Setup, key: str):
        self._sdk, self._setup, self._key = sdk("openai"), setup, key
        self._client = self._sdk.OpenAI(
            api_key=key, base_url=setup.address or None, max_retries=setup.tries - 1, timeout=setup.timeout
        )

    def ask(self, question: Question) -> Reply:
        """See `Service.ask`."""
        try:
            response = self._client.responses.create(**self.request(question))
        except self._sdk.APIStatusError as error:
            raise trouble(self._setup, error, error.status_code, self._key) from None
        except (self._sdk.OpenAIError, ValueError) as error:
            raise trouble(self._setup, error, None, self._key) from None
        if not isinstance(getattr(response, "output", None), list):
            raise TeacherError(f"{self._setup.model} sent something that is no response: {str(response)[:200]!r}")
        if response.error is not None:
            raise TeacherError(f"{self._setup.model} failed while answering: {response.error.message}")
        said = response.to_dict(mode="json", exclude_none=True, warnings=False)
        wire = {name: said[name] for name in ("status", "output") if name in said}
        found = [check for item in wire["output"] for check in item.get("pending_safety_checks") or []]
        checks = "; ".join(str(check.get("message") or check.get("code") or check["id"]) for check in found)
        return Reply(wire, _tokens(response.usage), checks=checks)

    def close(self) -> None:
        """See `Service.close`."""
        self._client.close()

    def request(self, question: Question) -> dict[str, Any]:
        """The arguments of `responses.create`."""
        return {
            "model": self._setup.model,
            "instructions": question.briefing.system,
            "tools": list(question.briefing.tools),
            "input": _items(question),
            "max_output_tokens": self._setup.tokens,
            "truncation": "auto",
            "store": False,
            # What is not stored there must come back with the calls it led to.
            "include": ["reasoning.encrypted_content"],
        }


def open_service(setup: Setup, key: str) -> Responses:
    """See `asking.open_service`."""
    return Responses(setup, key)


def _items(question: Question) -> list[dict[str, Any]]:
    first, *others = question.pictures
    items: list[dict[str, Any]] = [_user(question.words, first)]
    for past, picture in zip(question.past, others, strict=True):
        said = past.reply["output"] if isinstance(past.reply, dict) else []
        results = [_result(item, past, picture) for item in said if item["type"] in ("computer_call", "function_call")]
        items += [*said, *results]
        if past.error or not results:
            items.append(_user(past.error or "done", picture))
    return items


def _result(item: dict[str, Any], past: Past, picture: Picture) -> dict[str, Any]:
    if item["type"] == "function_call":
        return {"type": "function_call_output", "call_id": item["call_id"], "output": past.error or "done"}
    screenshot = {"type": "computer_screenshot", "image_url": picture.url}
    result: dict[str, Any] = {"type": "computer_call_output", "call_id": item["call_id"], "output": screenshot}
    if checks := item.get("pending_safety_checks"):
        # Only where nothing done can reach the world; elsewhere the episode has ended before.
        result["acknowledged_safety_checks"] = checks
    return result


def _user(words: str, picture: Picture) -> dict[str, Any]:
    image = {"type": "input_image", "image_url": picture.url, "detail": "high"}
    return {"role": "user", "content": [{"type": "input_text", "text": words}, image]}


def _tokens(usage: Any) -> Tokens | None:
    if usage is None:
        return None
    details = getattr(usage, "input_tokens_details", None)
    cached = getattr(details, "cached_tokens", 0) or 0
    return Tokens(usage.input_tokens - cached, cached, usage.output_tokens)
