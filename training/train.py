# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Train one recipe; called again, it goes on from its last checkpoint.

python -m training.train emotion_mini_xception --data ../shared/data
"""

from __future__ import annotations

import copy
from datetime import timedelta
from pathlib import Path
from typing import Any
from typing import Protocol

import lightning
import torch
from lightning.pytorch.callbacks import EMAWeightAveraging
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger

from .architectures.build import start
from .data.batches import training_batches
from .data.batches import validation_batches
from .fitting.face_module import FaceModule
from .recipe import Recipe
from .recipe import load_recipe
from .recipe import recipe_parser

CPU_FLAGS = ('avx512_bf16', 'amx_bf16')
"""Of processors that compute faster in bfloat16; others take many times as long."""


class Schedule(Protocol):
    """What a training needs to know of a recipe.

    :ivar run: folder of its checkpoints.
    :ivar epochs: how many.
    :ivar average: decay of the mean of the weights.
    """

    run: Path
    epochs: int
    average: float


def train(
    recipe: Recipe,
    data: Path,
    workers: int = 1,
    limit: int | None = None,
    minutes: float = 3,
    processes: int = 1,
) -> Path:
    """Train; return the folder with ``best.pt`` (the averaged network of the best epoch).

    :param limit: steps and validation batches an epoch at most (for trying a recipe out).
    :param minutes: from one checkpoint to the next.
    :param processes: that share a batch.
    """
    lightning.seed_everything(recipe.seed, workers=True)
    batches = training_batches(recipe, data, workers, processes)
    steps = len(batches) // processes
    training = FaceModule(recipe, recipe.epochs * min(steps, limit or steps))
    last = recipe.run / 'last.ckpt'
    if recipe.start and not last.exists():
        print(f'starts from {recipe.start}; new: {start(training.network, recipe)}')
    training.network.to(memory_format=torch.channels_last)
    return fit(
        recipe,
        training,
        batches,
        validation_batches(recipe, data),
        minutes,
        devices=processes,
        strategy='ddp' if processes > 1 else 'auto',
        precision='bf16-mixed' if recipe.bfloat16 and has_bfloat16() else '32-true',
        gradient_clip_val=5.0,
        log_every_n_steps=100,
        limit_train_batches=limit,
        limit_val_batches=limit,
    )


def fit(
    recipe: Schedule,
    module: lightning.LightningModule,
    batches: Any,
    validation: Any,
    minutes: float,
    **options: Any,
) -> Path:
    """Train a module, or go on from its last checkpoint; return the folder with ``best.pt``.

    :param minutes: from one checkpoint to the next.
    :param options: of Lightning's ``Trainer``.
    """
    last = recipe.run / 'last.ckpt'
    trainer = lightning.Trainer(
        accelerator='cpu',
        max_epochs=recipe.epochs,
        default_root_dir=recipe.run,
        logger=CSVLogger(recipe.run, name='', version='log'),
        num_sanity_val_steps=0,
        enable_model_summary=False,
        callbacks=[
            KeepBest(recipe.run),
            EMAWeightAveraging(decay=recipe.average),
            ModelCheckpoint(
                recipe.run,
                'last',
                train_time_interval=timedelta(minutes=minutes),
                enable_version_counter=False,
            ),
            TQDMProgressBar(refresh_rate=20),
        ],
        **options,
    )
    trainer.fit(
        module, batches, validation, ckpt_path=last if last.exists() else None, weights_only=False
    )
    return recipe.run


def has_bfloat16() -> bool:
    """Return whether this processor computes in bfloat16, as far as Linux tells."""
    try:
        text = Path('/proc/cpuinfo').read_text(errors='replace')
    except OSError:
        return False
    return any(flag in text for flag in CPU_FLAGS)


class KeepBest(lightning.Callback):
    """Write the averaged network to ``best.pt`` whenever its validation score is the best.

    Stands before the averaging callback, which takes its weights out again after validation.
    """

    def __init__(self, folder: Path):
        self.folder, self.best = folder, -float('inf')

    def on_validation_epoch_end(self, trainer, module):
        """Copy the weights while the averaged ones are in place."""
        self.candidate = copy.deepcopy(module.network.state_dict())

    def on_validation_end(self, trainer, module):
        """Write them if they score best."""
        metrics = {
            name: round(float(value), 4) for name, value in trainer.callback_metrics.items()
        }
        score = metrics.pop('score')
        print(f'\nepoch {trainer.current_epoch}: {metrics}', flush=True)
        if score > self.best:
            self.best = score
            torch.save(self.candidate, self.folder / 'best.pt')

    def state_dict(self):
        """Keep the best score in checkpoints."""
        return {'best': self.best}

    def load_state_dict(self, state):
        """Take the best score from a checkpoint."""
        self.best = state['best']


def main():
    """Train from the command line."""
    parser = recipe_parser(__doc__)
    parser.add_argument('--workers', type=int, default=1, help='processes that cut crops')
    parser.add_argument('--limit', type=int, help='steps an epoch at most, to try a recipe')
    parser.add_argument('--processes', type=int, default=1, help='processes that share a batch')
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(
        train(
            load_recipe(arguments.recipe),
            arguments.data,
            arguments.workers,
            arguments.limit,
            processes=arguments.processes,
        )
    )


if __name__ == '__main__':
    main()
