import torch

from helpers import explore, language

language.use("en")
torch.manual_seed(0)
LAYERS = 17  # some 1,060 nodes when all are open
layer = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
encoder = torch.nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
model = torch.nn.Sequential(torch.nn.Embedding(50, 32), encoder, torch.nn.Linear(32, 50))
layers = [f"1.layers.{i}" for i in range(LAYERS)]

explore(
    model,
    torch.randint(0, 50, (2, 8)),
    gradient=torch.ones(2, 8, 50),
    max_seconds=None,
    opened=[f"{layers[0]}..{layers[-1]}", *layers, *[f"{name}.self_attn" for name in layers]],
)
