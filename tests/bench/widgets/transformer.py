import torch

from helpers import explore, language

language.use("en")
torch.manual_seed(0)
layer = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
encoder = torch.nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)
model = torch.nn.Sequential(torch.nn.Embedding(50, 32), encoder, torch.nn.Linear(32, 50))
layers = [f"1.layers.{i}" for i in range(12)]

explore(
    model,
    torch.randint(0, 50, (2, 8)),
    gradient=torch.ones(2, 8, 50),
    opened=["1.layers.0..1.layers.11", *layers, *[f"{name}.self_attn" for name in layers]],
)
