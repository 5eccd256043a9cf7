"""How far a training is, as bars of rich."""

from __future__ import annotations

from typing import Any

from rich.progress import Progress
from transformers import TrainerCallback


class Bars(TrainerCallback):
    """Trainer's calls in, a bar for the training and one for each evaluation out."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._training: Any = None
        self._evaluation: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        """The bar begins where the checkpoint ended."""
        self._training = self._progress.add_task("training", total=state.max_steps, completed=state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        """One batch was learned from."""
        self._progress.update(self._training, completed=state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ARG002
        """The loss so far."""
        if logs and "loss" in logs:
            self._progress.update(self._training, description=f"training, loss {float(logs['loss']):.3f}")

    def on_prediction_step(
        self,
        args: Any,  # noqa: ARG002
        state: Any,  # noqa: ARG002
        control: Any,  # noqa: ARG002
        eval_dataloader: Any = None,
        **_: Any,
    ) -> None:
        """One batch was answered."""
        if self._evaluation is None:
            self._evaluation = self._progress.add_task("evaluation", total=len(eval_dataloader))
        self._progress.advance(self._evaluation)

    def on_predict(self, args: Any, state: Any, control: Any, metrics: Any, **_: Any) -> None:  # noqa: ARG002
        """All were."""
        self._evaluation = None
