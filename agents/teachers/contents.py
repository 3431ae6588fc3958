"""Gemini's generateContent, by the `google-genai` package, which puts a question again after most kinds of trouble."""

from __future__ import annotations

import json
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ...errors import TeacherError
from .asking import Past, Question, Reply, Tokens, sdk, trouble
from .picture import Picture
from .setup import Setup

__all__ = ["Contents", "open_service"]

SHORTEST, LONGEST = 0.5, 30.0
"""Seconds between two tries, doubling from one to the other."""


class Contents:
    """A model behind `POST /v1beta/models/MODEL:generateContent`."""

    def __init__(self, setup: Setup, key: str):
        genai = sdk("google.genai")
        self._types, self._errors, self._setup, self._key = genai.types, genai.errors, setup, key
        retry = self._types.HttpRetryOptions(attempts=setup.tries, initial_delay=SHORTEST, max_delay=LONGEST)
        options = self._types.HttpOptions(
            base_url=setup.address or None, timeout=round(1000 * setup.timeout), retry_options=retry
        )
        self._client = genai.Client(api_key=key, vertexai=False, http_options=options)

    def ask(self, question: Question) -> Reply:
        """See `Service.ask`."""
        try:
            response = self._put(self.request(question))
        except self._errors.APIError as error:
            raise trouble(self._setup, error, error.code, self._key) from None
        except (OSError, ValueError, *_of_http("HTTPError")) as error:
            raise trouble(self._setup, error, None, self._key) from None
        said = response.model_dump(mode="json", exclude_none=True, warnings=False)
        if not said.get("candidates") and not said.get("prompt_feedback"):
            raise TeacherError(f"{self._setup.model} sent something that is no response: {str(said)[:200]!r}")
        wire = {
            "candidates": [
                {word: each[word] for word in ("content", "finish_reason") if word in each}
                for each in said.get("candidates", [])
            ],
            "prompt_feedback": said.get("prompt_feedback", {}),
        }
        decisions = [_decision(call) for call in _calls(wire)]
        checks = "; ".join(str(each.get("explanation") or "a decision") for each in decisions if _wants_a_person(each))
        return Reply(wire, _tokens(response.usage_metadata), checks=checks)

    def _put(self, request: dict[str, Any]) -> Any:
        """Put a question; the package tries again after a status, a time-out or no connection, and we after a cut."""
        for left in range(self._setup.tries - 1, -1, -1):
            try:
                return self._client.models.generate_content(**request)
            except _of_http("ReadError", "WriteError", "RemoteProtocolError"):
                if not left:
                    raise
                time.sleep(min(LONGEST, SHORTEST * 2 ** (self._setup.tries - 1 - left)))
        raise AssertionError("a teacher is asked at least once")

    def close(self) -> None:
        """See `Service.close`."""
        self._client.close()

    def request(self, question: Question) -> dict[str, Any]:
        """The arguments of `generate_content`."""
        types = self._types
        config = types.GenerateContentConfig(
            system_instruction=question.briefing.system,
            tools=[types.Tool.model_validate(tool) for tool in question.briefing.tools],
            max_output_tokens=self._setup.tokens,
            thinking_config=types.ThinkingConfig(include_thoughts=True) if self._setup.known.thinks else None,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )
        return {"model": self._setup.model, "contents": self._contents(question), "config": config}

    def _contents(self, question: Question) -> list[Any]:
        first, *others = question.pictures
        contents = [self._user(question.words, first)]
        for past, picture in zip(question.past, others, strict=True):
            said = _content(past.reply)
            if said.get("parts"):
                # As it came: the signatures of its thoughts must come back with its calls.
                contents.append(self._types.Content.model_validate_json(json.dumps({"role": "model", **said})))
            calls = _calls(past.reply)
            contents.append(self._results(calls, past, picture) if calls else self._user(past.error or "done", picture))
        return contents

    def _user(self, words: str, picture: Picture) -> Any:
        part = self._types.Part
        image = part.from_bytes(data=picture.png, mime_type="image/png")
        return self._types.Content(role="user", parts=[part.from_text(text=words), image])

    def _results(self, calls: list[dict[str, Any]], past: Past, picture: Picture) -> Any:
        """What came of each call; the screen stands with the last."""
        types, parts = self._types, []
        for number, call in enumerate(calls, 1):
            blob = types.FunctionResponseBlob(mime_type="image/png", data=picture.png)
            screen = [types.FunctionResponsePart(inline_data=blob)] if number == len(calls) else None
            result = types.FunctionResponse(
                id=call.get("id"), name=call.get("name"), response=self._outcome(call, past), parts=screen
            )
            parts.append(types.Part(function_response=result))
        return types.Content(role="user", parts=parts)

    def _outcome(self, call: dict[str, Any], past: Past) -> dict[str, Any]:
        outcome: dict[str, Any] = {"error": past.error} if past.error else {"output": "done"}
        if self._setup.dialect == "gemini_25":
            outcome["url"] = "about:blank"  # it takes every screen for a browser's, and asks for its address
        if _wants_a_person(_decision(call)):
            # Only where nothing done can reach the world; elsewhere the episode has ended before.
            outcome["safety_acknowledgement"] = "true"
        return outcome


def open_service(setup: Setup, key: str) -> Contents:
    """See `asking.open_service`."""
    return Contents(setup, key)


def _content(reply: Any) -> dict[str, Any]:
    candidates = reply.get("candidates") if isinstance(reply, dict) else None
    return (candidates[0].get("content") or {}) if candidates else {}


def _calls(reply: Any) -> list[dict[str, Any]]:
    parts = _content(reply).get("parts") or []
    return [part["function_call"] for part in parts if part.get("function_call")]


def _decision(call: dict[str, Any]) -> dict[str, Any]:
    """What the service's own check of a call came to."""
    decision = (call.get("args") or {}).get("safety_decision")
    return decision if isinstance(decision, dict) else {}


def _wants_a_person(decision: dict[str, Any]) -> bool:
    return decision.get("decision") == "require_confirmation"


def _of_http(*errors: str) -> tuple[type[Exception], ...]:
    """Errors that the package lets through of the HTTP library it found, which is one of two."""
    found = [import_module(name) for name in ("httpx", "httpx2") if find_spec(name)]
    return tuple(getattr(module, error) for module in found for error in errors)


def _tokens(usage: Any) -> Tokens | None:
    if usage is None or usage.prompt_token_count is None:
        return None
    cached = usage.cached_content_token_count or 0
    written = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    return Tokens(usage.prompt_token_count - cached, cached, written)
