"""Generators and discriminators; importing this package registers them all."""

from gan_zoo.networks import acgan as acgan
from gan_zoo.networks import dcgan as dcgan
from gan_zoo.networks import mlp as mlp
from gan_zoo.networks import pggan as pggan
from gan_zoo.networks import resnet as resnet
from gan_zoo.networks.base import DISCRIMINATORS as DISCRIMINATORS
from gan_zoo.networks.base import GENERATORS as GENERATORS
