"""How often a class was right: scikit-learn's accuracy, F1 and confusion matrix, torchmetrics' top-k."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from smarthome.metrics.libraries import needed


def report(truth: Sequence[str], answers: Sequence[str], labels: Sequence[str]) -> dict[str, object]:
    """Accuracy, F1 (macro and per class), precision, recall, and the confusion matrix [truth][answer]."""
    needed("sklearn")
    from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

    given = {"labels": list(labels), "zero_division": 0.0}
    precision, recall, f1, support = precision_recall_fscore_support(truth, answers, **given)
    return {
        "accuracy": float(accuracy_score(truth, answers)),
        "f1_macro": float(f1_score(truth, answers, average="macro", **given)),
        "classes": {
            label: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
            for label, p, r, f, s in zip(labels, precision, recall, f1, support, strict=True)
        },
        "labels": list(labels),
        "confusion": confusion_matrix(truth, answers, labels=list(labels)).tolist(),
    }


def top_k(truth: Sequence[str], answers: Sequence[Mapping[str, float]], ks: Sequence[int]) -> dict[str, float]:
    """Share of examples whose class is among the ``k`` likeliest; an answer gives at least ``max(ks)`` classes.

    Classes that an answer does not name count as less likely than all it names.
    """
    needed("torchmetrics")
    import torch
    from torchmetrics.functional.classification import multiclass_accuracy

    # At least one class beyond the largest k, which nobody names: torchmetrics wants k < classes.
    names = sorted({*truth, *(name for answer in answers for name in answer)})
    number = {name: place for place, name in enumerate(names)}
    scores = torch.zeros(len(answers), len(names) + max(ks))
    for row, answer in zip(scores, answers, strict=True):
        for name, probability in answer.items():
            row[number[name]] = 1 + probability
    right = torch.tensor([number[name] for name in truth])
    width = scores.shape[1]
    return {
        f"top{k}": float(multiclass_accuracy(scores, right, num_classes=width, top_k=k, average="micro")) for k in ks
    }
