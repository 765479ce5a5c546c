"""Small models of the shapes that people have: a transformer of twelve layers, a ResNet-18, and odd ones for tests."""

import torch
from torch import nn

LAYERS, WIDTH, HEADS, WORDS, CLASSES = 12, 32, 4, 50, 10


class Transformer(nn.Module):
    """Token ids (B, T) -> logits (B, T, words): twelve encoder layers."""

    def __init__(self, layers=LAYERS):
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 2 * WIDTH, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, WORDS)

    def forward(self, tokens):
        return self.head(self.encoder(self.embed(tokens)))


class Block(nn.Module):
    """The basic block of a ResNet: two convolutions with BatchNorm, and a skip."""

    def __init__(self, channels_in, channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or channels_in != channels:
            convolution = nn.Conv2d(channels_in, channels, 1, stride, bias=False)
            self.downsample = nn.Sequential(convolution, nn.BatchNorm2d(channels))

    def forward(self, x):
        skip = x if self.downsample is None else self.downsample(x)
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + skip)


class ResNet(nn.Module):
    """Images (B, 3, 32, 32) -> logits (B, classes): eight basic blocks, as a ResNet-18 has them."""

    def __init__(self, channels=4):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)
        widths = [channels, channels, 2 * channels, 4 * channels, 8 * channels]
        for i in range(4):
            first = Block(widths[i], widths[i + 1], stride=2 if i else 1)
            setattr(self, f"layer{i + 1}", nn.Sequential(first, Block(widths[i + 1], widths[i + 1])))
        self.fc = nn.Linear(widths[-1], CLASSES)

    def forward(self, images):
        x = torch.relu(self.bn1(self.conv1(images)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean(dim=(2, 3)))


class Shared(nn.Module):
    """One Linear, used twice."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(3, 3), nn.Tanh())

    def forward(self, x):
        return self.inner(self.inner(x)).sum()


class Fails(nn.Module):
    """Its first module raises an error after one operation; the second takes over."""

    class Bad(nn.Module):
        def forward(self, x):
            x = x * 2
            raise ValueError(f"on purpose, at {tuple(x.shape)}")

    def __init__(self):
        super().__init__()
        self.bad, self.good = self.Bad(), nn.Linear(3, 1)

    def forward(self, x):
        x = x + 1
        try:
            x = self.bad(x)
        except ValueError:
            x = x * 3
        return self.good(x).sum()


def transformer(layers=LAYERS):
    """The transformer and a batch of token ids (2, 8)."""
    torch.manual_seed(0)
    return Transformer(layers), torch.randint(0, WORDS, (2, 8))


def resnet():
    """The ResNet and a batch of images (2, 3, 32, 32)."""
    torch.manual_seed(0)
    return ResNet(), torch.randn(2, 3, 32, 32)
