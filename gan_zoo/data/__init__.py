"""Data sets, and the loader that serves them."""

from gan_zoo.data import celeba as celeba
from gan_zoo.data import cifar10 as cifar10
from gan_zoo.data import digits as digits
from gan_zoo.data import fashion_mnist as fashion_mnist
from gan_zoo.data import folder as folder
from gan_zoo.data import gaussians_1200d as gaussians_1200d
from gan_zoo.data import grid as grid
from gan_zoo.data import lsun as lsun
from gan_zoo.data import mnist as mnist
from gan_zoo.data import npy as npy
from gan_zoo.data import npz as npz
from gan_zoo.data import ring as ring
from gan_zoo.data import stacked_mnist as stacked_mnist
from gan_zoo.data import zip as zip
from gan_zoo.data.base import DATASETS, Dataset, DataSource, Samples
from gan_zoo.data.load import load_dataset
from gan_zoo.data.loader import LOADER_KEYS, Loader

__all__ = ["DATASETS", "LOADER_KEYS", "DataSource", "Dataset", "Loader", "Samples", "load_dataset"]
