"""Networks built as Anoise/MHE builds them: the names and sizes of the heads are the authors'."""

import torch
from torch import nn

from small_models.spreading import spread

WIDTH, HIDDEN, HEADS = 16, 8, [4, 5]


class Backbone(nn.Module):
    """A convolution in place of the authors' ResNet."""

    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.conv1 = nn.Conv2d(3, WIDTH, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)

    def features(self, images):
        return self.bn1(self.conv1(images)).relu().mean((2, 3))


class MHPNet(Backbone):
    """One layer for the digits of all heads."""

    def __init__(self, num_classes):
        super().__init__(num_classes)
        self.classifier = nn.Linear(WIDTH, sum(num_classes))

    def forward(self, images):
        return self.classifier(self.features(images))


class MHPListNet(Backbone):
    """A layer for each head, in a list."""

    def __init__(self, num_classes):
        super().__init__(num_classes)
        self.heads = nn.ModuleList(nn.Linear(WIDTH, count) for count in num_classes)

    def forward(self, images):
        features = self.features(images)
        return torch.cat([head(features) for head in self.heads], 1)


class MHPLayersNet(Backbone):
    """A layer for each head, with a name of its own."""

    def __init__(self, num_classes):
        super().__init__(num_classes)
        self.tens, self.units = (nn.Linear(WIDTH, count) for count in num_classes)

    def forward(self, images):
        features = self.features(images)
        return torch.cat([self.tens(features), self.units(features)], 1)


class MHCNet(Backbone):
    """Groups, and an embedding of each label that is scored for the labels of a group."""

    def __init__(self, num_classes):
        super().__init__(num_classes)
        groups, size = num_classes
        self.group = nn.Linear(WIDTH, groups)
        self.classifier = nn.Linear(WIDTH, HIDDEN)
        self.embed = nn.Embedding(groups * size, HIDDEN)
        self.group_y = torch.arange(groups * size).reshape(groups, size)

    def forward(self, images):
        """The groups' logits and the local ones of the best group."""
        features = self.features(images)
        groups = self.group(features)
        labels = self.embed(self.group_y[groups.argmax(1)])
        return torch.bmm(labels, self.classifier(features).unsqueeze(2)).squeeze(2), groups


def small(network, seed):
    """The names for the recipes: a network with weights that spread its answers, and images."""

    def names():
        torch.manual_seed(seed)
        return {"net": spread(network(HEADS)).eval(), "images": torch.randn(6, 3, 8, 8)}

    return names


MODELS = {
    "MHP, the whole module": small(MHPNet, 11),
    "MHP, a state dict": small(MHPNet, 12),
    "MHP, a list of layers": small(MHPListNet, 13),
    "MHP, layers by name": small(MHPLayersNet, 16),
    "MHC, the whole module": small(MHCNet, 14),
    "MHC, a state dict": small(MHCNet, 15),
}
