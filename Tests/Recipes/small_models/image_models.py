"""Image classifiers of timm and torchvision, made small, with random weights and images."""

import argparse

from small_models import torchvision_operators  # noqa: F401, before its libraries

import timm
import torch
import torchvision
from timm.models.convnext import ConvNeXt
from timm.models.resnet import BasicBlock, ResNet
from timm.utils import CheckpointSaver, ModelEmaV3
from torchvision.models import ConvNeXt as ConvNeXtOfTorchvision
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import EfficientNet, MBConvConfig

from small_models.spreading import spread

ROWS, SIDE, PATCH, WIDTH, CLASSES = 6, 32, 8, 16, 5
STAGES = (4, 4, 8, WIDTH)


def images_of(model, seed):
    """The names for the recipes: a model, and images for it."""

    def names():
        torch.manual_seed(seed)
        return {"model": spread(model()).eval(), "images": torch.randn(ROWS, 3, SIDE, SIDE)}

    return names


def timm_resnet():
    return ResNet(
        BasicBlock, [1] * 4, CLASSES, stem_type="deep", stem_width=4, channels=STAGES)


def timm_vit():
    return timm.models.VisionTransformer(
        img_size=SIDE, patch_size=PATCH, embed_dim=WIDTH, depth=1, num_heads=2, mlp_ratio=1,
        num_classes=CLASSES)


def timm_convnext():
    return ConvNeXt(num_classes=CLASSES, depths=[1] * 4, dims=STAGES)


def torchvision_vit():
    return torchvision.models.VisionTransformer(
        image_size=SIDE, patch_size=PATCH, num_layers=1, num_heads=2, hidden_dim=WIDTH,
        mlp_dim=WIDTH, num_classes=CLASSES)


def torchvision_efficientnet():
    blocks = [MBConvConfig(1, 3, 1, 8, 8, 1)]
    return EfficientNet(blocks, dropout=0.2, num_classes=CLASSES, last_channel=WIDTH)


def torchvision_convnext():
    return ConvNeXtOfTorchvision([CNBlockConfig(8, None, 2)], num_classes=CLASSES)


def averaged():
    """The file that timm's training script writes, and the averaged weights' model."""
    torch.manual_seed(37)
    model = spread(timm_vit())
    ema = ModelEmaV3(model)
    spread(ema.module, 2.5).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    settings = argparse.Namespace(model="vit", opt="sgd", ema=True)
    saver = CheckpointSaver(
        model, optimizer, settings, ema, checkpoint_dir="my-head", recovery_dir="my-head")
    saver.save_checkpoint(epoch=3, metric=91.5)
    return {"ema": ema, "images": torch.randn(ROWS, 3, SIDE, SIDE)}


MODELS = {
    "timm ResNet": images_of(timm_resnet, 62),
    "timm ViT": images_of(timm_vit, 32),
    "timm ConvNeXt": images_of(timm_convnext, 33),
    "torchvision ViT": images_of(torchvision_vit, 34),
    "torchvision EfficientNet": images_of(torchvision_efficientnet, 35),
    "torchvision ConvNeXt": images_of(torchvision_convnext, 36),
    "timm, averaged weights": averaged,
}
