"""Chat completions of any OpenAI-compatible server (vLLM, llama.cpp, Ollama), by the `openai` package.

For models whose dialect is text: what they are told of it stands in the system prompt, and no tools are declared.
"""

from __future__ import annotations

from typing import Any

from ...errors import TeacherError
from .asking import Question, Reply, Tokens, sdk, trouble
from .picture import Picture
from .setup import Setup

__all__ = ["Chat", "open_service"]

GO_ON = {"add_generation_prompt": False, "continue_final_message": True}
"""How vLLM is told to go on with an unfinished message; the others do by themselves."""


class Chat:
    """A model behind `POST /v1/chat/completions`."""

    def __init__(self, setup: Setup, key: str):
        self._sdk, self._setup, self._key = sdk("openai"), setup, key
        self._client = self._sdk.OpenAI(
            api_key=key, base_url=setup.address, max_retries=setup.tries - 1, timeout=setup.timeout
        )

    def ask(self, question: Question) -> Reply:
        """See `Service.ask`."""
        try:
            completion = self._client.chat.completions.create(
                model=self._setup.model,
                messages=_messages(question),
                max_tokens=self._setup.tokens,
                extra_body=GO_ON if question.prefix else None,
            )
        except self._sdk.APIStatusError as error:
            raise trouble(self._setup, error, error.status_code, self._key) from None
        except (self._sdk.OpenAIError, ValueError) as error:
            raise trouble(self._setup, error, None, self._key) from None
        choices = getattr(completion, "choices", None)
        if not choices or getattr(choices[0], "message", None) is None:
            raise TeacherError(f"{self._setup.model} sent something that is no completion: {str(completion)[:200]!r}")
        return _reply(choices[0], completion.usage, question.prefix.rstrip())

    def close(self) -> None:
        """See `Service.close`."""
        self._client.close()


def open_service(setup: Setup, key: str) -> Chat:
    """See `asking.open_service`."""
    return Chat(setup, key)


def _reply(choice: Any, usage: Any, prefix: str) -> Reply:
    message = choice.message
    said = message.content or ""
    if prefix and not said.startswith(prefix):
        said = prefix + said
    extra = message.model_extra or {}
    refusal = message.refusal or ("its service filtered the reply" if choice.finish_reason == "content_filter" else "")
    reasoning = extra.get("reasoning_content") or extra.get("reasoning") or ""
    return Reply(said, _tokens(usage), str(reasoning), refusal, cut=choice.finish_reason == "length")


def _messages(question: Question) -> list[dict[str, Any]]:
    first, *others = question.pictures
    messages: list[dict[str, Any]] = [{"role": "system", "content": question.briefing.system}]
    messages.append(_user(question.words, first))
    for past, picture in zip(question.past, others, strict=True):
        messages.append({"role": "assistant", "content": past.reply or "(nothing)"})
        messages.append(_user(past.error or "The screen now:", picture))
    if question.prefix:
        messages.append({"role": "assistant", "content": question.prefix.rstrip()})
    return messages


def _user(words: str, picture: Picture) -> dict[str, Any]:
    image = {"type": "image_url", "image_url": {"url": picture.url}}
    return {"role": "user", "content": [{"type": "text", "text": words}, image]}


def _tokens(usage: Any) -> Tokens | None:
    if usage is None:
        return None
    cached = getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", 0) or 0
    return Tokens(usage.prompt_tokens - cached, cached, usage.completion_tokens)
