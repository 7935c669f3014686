"""What holds for every test."""

import torch

torch.set_num_threads(1)  # tests run one worker per core, and their tensors are small
