"""Anthropic's Messages API, by the `anthropic` package, which puts a question again where that can help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import TeacherError
from .asking import Past, Question, Reply, Tokens, sdk, trouble
from .picture import Picture
from .setup import Setup

__all__ = ["Messages", "open_service"]

KEPT = {"text": ("type", "text"), "tool_use": ("type", "id", "name", "toolset_name", "input")}
"""What goes back of a reply. Its thinking does not: it is bound to all that stood before it, older steps as well."""


class Messages:
    """A model behind `POST /v1/messages`."""

    def __init__(self, setup: Setup, key: str):
        self._sdk, self._setup, self._key = sdk("anthropic"), setup, key
        self._client = self._sdk.Anthropic(
            api_key=key, base_url=setup.address or None, max_retries=setup.tries - 1, timeout=setup.timeout
        )

    def ask(self, question: Question) -> Reply:
        """See `Service.ask`."""
        try:
            message = self._client.beta.messages.create(**self.request(question))
        except self._sdk.APIStatusError as error:
            raise trouble(self._setup, error, error.status_code, self._key) from None
        except (self._sdk.AnthropicError, ValueError) as error:
            raise trouble(self._setup, error, None, self._key) from None
        content = getattr(message, "content", None)
        if not isinstance(content, list):
            raise TeacherError(f"{self._setup.model} sent something that is no message: {str(message)[:200]!r}")
        said = message.to_dict(mode="json", exclude_none=True, warnings=False)
        wire = {name: said[name] for name in ("role", "stop_reason", "content") if name in said}
        if question.prefix:
            _go_on(wire["content"], question.prefix)
        return Reply(wire, _tokens(message.usage))

    def close(self) -> None:
        """See `Service.close`."""
        self._client.close()

    def request(self, question: Question) -> dict[str, Any]:
        """The arguments of `messages.create`."""
        briefing = question.briefing
        asked: dict[str, Any] = {
            "model": self._setup.model,
            "max_tokens": self._setup.tokens,
            "system": briefing.system,
            "betas": list(briefing.betas),
            "messages": _messages(question),
        }
        if briefing.tools:
            asked["tools"] = list(briefing.tools)
        if self._setup.known.thinks:
            # Newer models do not show what they thought unless they are asked to.
            asked["thinking"] = {"type": "adaptive", "display": "summarized"}
        return asked


def open_service(setup: Setup, key: str) -> Messages:
    """See `asking.open_service`."""
    return Messages(setup, key)


def _messages(question: Question) -> list[dict[str, Any]]:
    first, *others = question.pictures
    messages = [{"role": "user", "content": [_text(question.words), _image(first)]}]
    for past, picture in zip(question.past, others, strict=True):
        said = _said(past.reply)
        if said:
            messages.append({"role": "assistant", "content": said})
        messages.append({"role": "user", "content": _results(past, said, picture)})
    if question.prefix:
        messages.append({"role": "assistant", "content": question.prefix.rstrip()})
    return messages


def _said(reply: Any) -> list[dict[str, Any]]:
    blocks = reply.get("content", []) if isinstance(reply, Mapping) else []
    kept = [{word: block[word] for word in KEPT[block["type"]] if word in block} for block in blocks
            if block.get("type") in KEPT]  # fmt: skip
    return [block for block in kept if block.get("text", True)]


def _results(past: Past, said: list[dict[str, Any]], picture: Picture) -> list[dict[str, Any]]:
    """What came of each call; the screen stands with the last, or after it where a result may hold no image."""
    calls = [block for block in said if block["type"] == "tool_use"]
    results: list[dict[str, Any]] = [
        {
            "type": "tool_result",
            "tool_use_id": call["id"],
            "content": [_text(past.error or "Done.")],
            "is_error": bool(past.error),
            # A call of a toolset's member is answered as such.
            **({"toolset_name": call["toolset_name"]} if "toolset_name" in call else {}),
        }
        for call in calls
    ]
    if not calls:
        return [_text(past.error or "Done."), _image(picture)]
    # A result that is an error holds text alone, and of a toolset only looking returns what was seen.
    if past.error or ("toolset_name" in calls[-1] and calls[-1]["name"] != "screenshot"):
        return [*results, _image(picture)]
    results[-1]["content"] = [_image(picture)]
    return results


def _go_on(content: list[dict[str, Any]], prefix: str) -> None:
    """Put the beginning before what the model went on with."""
    if content and content[0]["type"] == "text":
        content[0]["text"] = prefix.rstrip() + content[0]["text"]
    else:
        content.insert(0, {"type": "text", "text": prefix})


def _text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def _image(picture: Picture) -> dict[str, Any]:
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": picture.base64}}


def _tokens(usage: Any) -> Tokens | None:
    if usage is None:
        return None
    written = usage.cache_creation_input_tokens or 0
    return Tokens(usage.input_tokens + written, usage.cache_read_input_tokens or 0, usage.output_tokens)
