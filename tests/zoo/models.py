"""The models of the zoo: `MODELS[name]()` builds one, with random weights, and its inputs.

The architectures are those of their packages; what is small is the number and width of layers, and the inputs. Each
function needs its package only when it is called.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from seeing_gradients.recorder.outputs import chosen

from .packages import let_torchvision_load

let_torchvision_load()  # transformers, timm and others import it


@dataclass
class Example:
    """A model and what it is called with.

    Attributes:
        model: nn.Module.
        args, kwargs: of one call.
        output: the option `output` of `record`; None if record finds the output by itself.
        makes_leaf: whether its forward makes a leaf that nobody can name.
    """

    model: nn.Module
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    output: str | Callable[[Any], Tensor] | None = None
    makes_leaf: bool = False

    def chosen(self, result: Any) -> Tensor:
        """The output in what the model returned."""
        if callable(self.output):
            return self.output(result)
        return chosen(result, self.output)[0]


MODELS: dict[str, Callable[[], Example]] = {}
TRAINING_ONLY = {"retinanet"}  # in eval mode it returns detections, for which torchvision needs its C++ operators


def _model(build: Callable[[], Example]) -> Callable[[], Example]:
    MODELS[build.__name__.strip("_")] = build
    return build


def images(size: int = 64, batch: int = 2, channels: int = 3) -> Tensor:
    """A batch of random images, (batch, channels, size, size)."""
    return torch.randn(batch, channels, size, size)


def tokens(length: int = 32, batch: int = 2, vocabulary: int = 99) -> Tensor:
    """A batch of random token ids, (batch, length)."""
    return torch.randint(3, vocabulary, (batch, length))


# ---- transformers ----

_SIZES = {"hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 128}
_TEXT = {"vocab_size": 99, **_SIZES}


@_model
def bert() -> Example:
    from transformers import BertConfig, BertForSequenceClassification

    model = BertForSequenceClassification(BertConfig(**_TEXT, num_labels=3))
    return Example(model, (tokens(),), {"labels": torch.tensor([0, 2])})


@_model
def bert_states() -> Example:
    from transformers import BertConfig, BertModel

    return Example(BertModel(BertConfig(**_TEXT)), (tokens(),), output="last_hidden_state")


@_model
def distilbert() -> Example:
    from transformers import DistilBertConfig, DistilBertForMaskedLM

    ids = tokens()
    model = DistilBertForMaskedLM(DistilBertConfig(vocab_size=99, dim=64, n_layers=3, n_heads=4, hidden_dim=128))
    return Example(model, (ids,), {"labels": ids})


@_model
def albert() -> Example:  # all layers share their parameters
    from transformers import AlbertConfig, AlbertForMaskedLM

    ids = tokens()
    return Example(AlbertForMaskedLM(AlbertConfig(**_TEXT, embedding_size=32)), (ids,), {"labels": ids})


@_model
def deberta() -> Example:
    from transformers import DebertaV2Config, DebertaV2ForSequenceClassification

    config = DebertaV2Config(**_TEXT, relative_attention=True, pos_att_type=["p2c", "c2p"], num_labels=3)
    return Example(DebertaV2ForSequenceClassification(config), (tokens(),), {"labels": torch.tensor([0, 2])})


def _gpt2() -> nn.Module:
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(vocab_size=99, n_embd=64, n_layer=3, n_head=4, n_positions=64))


@_model
def gpt2() -> Example:  # its embedding is its last layer, too
    ids = tokens()
    return Example(_gpt2(), (ids,), {"labels": ids})


@_model
def gpt2_checkpointed() -> Example:
    model, ids = _gpt2(), tokens()
    model.gradient_checkpointing_enable()
    return Example(model, (ids,), {"labels": ids, "use_cache": False})


@_model
def gpt2_checkpointed_reentrant() -> Example:
    model, ids = _gpt2(), tokens()
    model.gradient_checkpointing_enable({"use_reentrant": True})
    return Example(model, (ids,), {"labels": ids, "use_cache": False})


@_model
def gpt2_embeddings() -> Example:  # the input requires grad
    ids, embeddings = tokens(), torch.randn(2, 32, 64, requires_grad=True)
    return Example(_gpt2(), (), {"inputs_embeds": embeddings, "labels": ids})


@_model
def t5() -> Example:
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(vocab_size=99, d_model=64, d_kv=16, d_ff=128, num_layers=2, num_heads=4, decoder_start_token_id=0)
    return Example(T5ForConditionalGeneration(config), (tokens(),), {"labels": tokens(12)})


@_model
def bart() -> Example:
    from transformers import BartConfig, BartForConditionalGeneration

    sides = {
        f"{side}_{name}": number
        for side in ("encoder", "decoder")
        for name, number in {"layers": 2, "attention_heads": 4, "ffn_dim": 128}.items()
    }
    return Example(
        BartForConditionalGeneration(BartConfig(vocab_size=99, d_model=64, **sides)),
        (tokens(),),
        {"labels": tokens(12)},
    )


@_model
def llama() -> Example:
    from transformers import LlamaConfig, LlamaForCausalLM

    ids = tokens()
    return Example(LlamaForCausalLM(LlamaConfig(**_TEXT, num_key_value_heads=2)), (ids,), {"labels": ids})


@_model
def mistral() -> Example:
    from transformers import MistralConfig, MistralForCausalLM

    ids = tokens()
    config = MistralConfig(**_TEXT, num_key_value_heads=2, sliding_window=8)
    return Example(MistralForCausalLM(config), (ids,), {"labels": ids})


@_model
def mixtral() -> Example:  # a mixture of experts
    from transformers import MixtralConfig, MixtralForCausalLM

    ids = tokens()
    config = MixtralConfig(**_TEXT, num_key_value_heads=2, num_local_experts=4, output_router_logits=True)
    return Example(MixtralForCausalLM(config), (ids,), {"labels": ids})


@_model
def mamba() -> Example:
    from transformers import MambaConfig, MambaForCausalLM

    ids = tokens(16)
    config = MambaConfig(vocab_size=99, hidden_size=64, state_size=8, num_hidden_layers=2)
    return Example(MambaForCausalLM(config), (ids,), {"labels": ids})


@_model
def vit() -> Example:
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(**_SIZES, image_size=64, patch_size=8, num_labels=10)
    return Example(ViTForImageClassification(config), (images(),), {"labels": torch.tensor([1, 7])})


@_model
def swin() -> Example:
    from transformers import SwinConfig, SwinForImageClassification

    config = SwinConfig(
        image_size=64, patch_size=4, embed_dim=32, depths=[2, 2], num_heads=[2, 4], window_size=4, num_labels=10
    )
    return Example(SwinForImageClassification(config), (images(),), {"labels": torch.tensor([1, 7])})


@_model
def convnext() -> Example:
    from transformers import ConvNextConfig, ConvNextForImageClassification

    config = ConvNextConfig(hidden_sizes=[16, 32, 64, 128], depths=[2, 2, 4, 2], drop_path_rate=0.1, num_labels=10)
    return Example(ConvNextForImageClassification(config), (images(),), {"labels": torch.tensor([1, 7])})


@_model
def segformer() -> Example:
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    config = SegformerConfig(depths=[1, 1, 1, 1], hidden_sizes=[16, 32, 48, 64], decoder_hidden_size=32, num_labels=4)
    return Example(SegformerForSemanticSegmentation(config), (images(),), {"labels": torch.randint(0, 4, (2, 64, 64))})


@_model
def clip() -> Example:
    from transformers import CLIPConfig, CLIPModel

    config = CLIPConfig(
        text_config={**_TEXT, "eos_token_id": 2, "bos_token_id": 1, "pad_token_id": 0},
        vision_config={**_SIZES, "image_size": 32, "patch_size": 8},
        projection_dim=32,
    )
    return Example(CLIPModel(config), (), {"input_ids": tokens(8), "pixel_values": images(32), "return_loss": True})


@_model
def whisper() -> Example:
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    sides = {
        f"{side}_{name}": number
        for side in ("encoder", "decoder")
        for name, number in {"layers": 2, "attention_heads": 4, "ffn_dim": 128}.items()
    }
    config = WhisperConfig(
        vocab_size=99,
        d_model=64,
        max_source_positions=50,
        max_target_positions=32,
        decoder_start_token_id=1,
        **{f"{name}_token_id": 2 for name in ("pad", "bos", "eos")},
        **sides,
    )
    return Example(WhisperForConditionalGeneration(config), (torch.randn(2, 80, 100),), {"labels": tokens(12)})


@_model
def wav2vec2() -> Example:
    from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

    config = Wav2Vec2Config(
        **_TEXT,
        conv_dim=(32, 32, 32),
        conv_kernel=(10, 3, 3),
        conv_stride=(5, 2, 2),
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        ctc_loss_reduction="mean",
    )
    example = Example(Wav2Vec2ForCTC(config), (torch.randn(2, 2_000),), {"labels": tokens(6)})
    example.makes_leaf = True  # in training mode it asks for the gradient of the sound, in a local variable
    return example


# ---- timm ----


def _timm(name: str, size: int = 64, **options: Any) -> Example:
    import timm

    return Example(timm.create_model(name, num_classes=10, **options), (images(size),))


@_model
def mixer() -> Example:
    return _timm("mixer_s32_224", img_size=64)


@_model
def vit_tiny() -> Example:
    return _timm("vit_tiny_patch16_224", img_size=64, depth=6)


@_model
def efficientnet() -> Example:
    return _timm("efficientnet_b0", drop_path_rate=0.1)


@_model
def mobilenet_v3() -> Example:
    return _timm("mobilenetv3_small_100")


@_model
def regnet() -> Example:
    return _timm("regnety_002")


@_model
def maxvit() -> Example:
    return _timm("maxvit_rmlp_pico_rw_256", img_size=64)


@_model
def gmlp() -> Example:
    return _timm("gmlp_ti16_224", img_size=64)


# ---- torchvision ----


def _torchvision(name: str, size: int = 64, batch: int = 2, **options: Any) -> Example:
    from torchvision import models

    build = getattr(models, name)
    return Example(build(weights=None, **options), (images(size, batch),))


@_model
def resnet18() -> Example:
    return _torchvision("resnet18", num_classes=10)


@_model
def resnet50() -> Example:
    return _torchvision("resnet50", num_classes=10)


@_model
def densenet() -> Example:
    return _torchvision("densenet121", num_classes=10)


@_model
def squeezenet() -> Example:
    return _torchvision("squeezenet1_1", num_classes=10)


@_model
def shufflenet() -> Example:
    return _torchvision("shufflenet_v2_x0_5", num_classes=10)


@_model
def googlenet() -> Example:  # in training mode it returns a named tuple of three outputs
    example = _torchvision("googlenet", num_classes=10, aux_logits=True, init_weights=False)
    example.output = _first_logits
    return example


@_model
def inception() -> Example:
    example = _torchvision("inception_v3", 80, num_classes=10, aux_logits=False, init_weights=False)
    example.output = _first_logits
    return example


def _first_logits(result: Any) -> Tensor:
    return result if isinstance(result, Tensor) else result.logits + 0.3 * result.aux_logits1 + 0.3 * result.aux_logits2


@_model
def deeplab() -> Example:
    from torchvision.models.segmentation import lraspp_mobilenet_v3_large

    return Example(lraspp_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=4), (images(),))


@_model
def retinanet() -> Example:
    from torchvision.models.detection import retinanet_resnet50_fpn

    boxes = torch.tensor([[4.0, 4.0, 40.0, 40.0], [10.0, 20.0, 60.0, 50.0]])
    target = {"boxes": boxes, "labels": torch.tensor([1, 2])}
    model = retinanet_resnet50_fpn(weights=None, weights_backbone=None, num_classes=4, min_size=64, max_size=96)
    return Example(
        model,
        ([torch.rand(3, 64, 64)], [target]),
        output=lambda losses: losses["classification"] + losses["bbox_regression"],
    )


# ---- segmentation_models_pytorch ----


@_model
def unet() -> Example:
    import segmentation_models_pytorch as smp

    return Example(smp.Unet("resnet18", encoder_weights=None, classes=2), (images(),))


# ---- torch_geometric ----


def _graph_network(name: str, **options: Any) -> Example:
    from torch_geometric.nn import models

    model = getattr(models, name)(16, 32, num_layers=3, out_channels=4, dropout=0.2, **options)
    return Example(model, (torch.randn(50, 16), torch.randint(0, 50, (2, 200))))


@_model
def gcn() -> Example:
    return _graph_network("GCN")


@_model
def gat() -> Example:
    return _graph_network("GAT", heads=4)


@_model
def graph_sage() -> Example:
    return _graph_network("GraphSAGE")


@_model
def gin() -> Example:
    return _graph_network("GIN", norm="batch_norm")


# ---- diffusers ----


@_model
def unet2d() -> Example:
    from diffusers import UNet2DModel

    model = UNet2DModel(
        sample_size=16,
        block_out_channels=(32, 64),
        layers_per_block=1,
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    )
    return Example(model, (images(16), torch.tensor(10)))


@_model
def unet2d_condition() -> Example:
    from diffusers import UNet2DConditionModel

    model = UNet2DConditionModel(
        sample_size=16,
        block_out_channels=(32, 64),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=32,
        attention_head_dim=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )
    return Example(model, (images(16, channels=4), torch.tensor(10), torch.randn(2, 7, 32)))


@_model
def autoencoder_kl() -> Example:
    from diffusers import AutoencoderKL

    model = AutoencoderKL(
        block_out_channels=(16, 32),
        norm_num_groups=8,
        sample_size=32,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
    )
    return Example(model, (images(32),), {"sample_posterior": True})


@_model
def dit() -> Example:
    from diffusers import DiTTransformer2DModel

    model = DiTTransformer2DModel(
        num_attention_heads=4, attention_head_dim=16, num_layers=3, sample_size=16, num_embeds_ada_norm=10
    )
    return Example(
        model,
        (images(16, channels=4),),
        {"timestep": torch.tensor([3, 5]), "class_labels": torch.tensor([1, 7])},
    )


# ---- x-transformers ----


@_model
def x_decoder() -> Example:
    from x_transformers import Decoder, TransformerWrapper

    layers = Decoder(dim=64, depth=4, heads=4, rotary_pos_emb=True, ff_glu=True)
    return Example(TransformerWrapper(num_tokens=99, max_seq_len=64, attn_layers=layers), (tokens(),))


@_model
def x_encoder() -> Example:
    from x_transformers import Encoder, TransformerWrapper

    layers = Encoder(dim=64, depth=4, heads=4, alibi_pos_bias=True, use_rmsnorm=True, attn_dropout=0.1)
    return Example(TransformerWrapper(num_tokens=99, max_seq_len=64, attn_layers=layers), (tokens(),))


# ---- torch alone ----


class _LanguageModel(nn.Module):
    def __init__(self, cells: type[nn.LSTM] | type[nn.GRU]) -> None:
        super().__init__()
        self.embedding = nn.Embedding(99, 32)
        self.cells = cells(32, 64, num_layers=2, dropout=0.1, batch_first=True)
        self.decoder = nn.Linear(64, 99)

    def forward(self, ids: Tensor) -> Tensor:
        states, _ = self.cells(self.embedding(ids))  # (B, T, 64)
        return nn.functional.cross_entropy(self.decoder(states[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())


@_model
def lstm() -> Example:
    return Example(_LanguageModel(nn.LSTM), (tokens(),))


@_model
def gru() -> Example:
    return Example(_LanguageModel(nn.GRU), (tokens(),))


class _CellLoop(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell, self.head = nn.LSTMCell(8, 32), nn.Linear(32, 1)

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(x.shape[1], 32), x.new_zeros(x.shape[1], 32)
        for step in x:
            state = self.cell(step, state)
        return self.head(state[0])


@_model
def lstm_cells() -> Example:
    return Example(_CellLoop(), (torch.randn(20, 4, 8),))


@_model
def transformer() -> Example:
    model = nn.Transformer(32, 4, 2, 2, 64, batch_first=True)
    return Example(model, (torch.randn(2, 12, 32), torch.randn(2, 8, 32)))


class _Siamese(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(1, 8, 3),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.LazyLinear(16),
        )

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        return nn.functional.pairwise_distance(self.branch(one), self.branch(other)).mean()


@_model
def siamese() -> Example:
    model, pair = _Siamese(), (images(16, channels=1), images(16, channels=1))
    model(*pair)  # the lazy layer finds its size
    return Example(model, pair)


class _VAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 16))
        self.decoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 64), nn.Sigmoid())

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        mean, log_variance = self.encoder(x).chunk(2, dim=-1)
        image = self.decoder(mean + torch.randn_like(mean) * (0.5 * log_variance).exp())
        divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum()
        return {"loss": nn.functional.binary_cross_entropy(image, x, reduction="sum") + divergence, "image": image}


@_model
def vae() -> Example:
    return Example(_VAE(), (torch.rand(8, 64),))
