"""Feature extractors, one per file; importing the package registers them.

What numbers made with them are called is decided in `labels.py`: `FID` needs the canonical Inception.
"""

from gan_zoo.extractors.base import EXTRACTORS as EXTRACTORS
from gan_zoo.extractors.base import Extracted as Extracted
from gan_zoo.extractors.base import Extractor as Extractor
from gan_zoo.extractors.build import build_extractor as build_extractor
from gan_zoo.extractors.classifier import Classifier as Classifier
from gan_zoo.extractors.inception import Inception as Inception
from gan_zoo.extractors.inputs import ExtractorData as ExtractorData
from gan_zoo.extractors.labels import extractor_id as extractor_id
from gan_zoo.extractors.labels import metric_name as metric_name
from gan_zoo.extractors.pixels import Pixels as Pixels
from gan_zoo.extractors.projection import Projection as Projection
from gan_zoo.extractors.random_convolutions import RandomConvolutions as RandomConvolutions
from gan_zoo.extractors.stacked_classifier import StackedClassifier as StackedClassifier
from gan_zoo.extractors.torchvision_network import TorchvisionNetwork as TorchvisionNetwork
