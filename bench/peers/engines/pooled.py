"""The checkpoint as one PyTorch module from token ids to a unit vector, which the exporters trace."""


def pooled_module(checkpoint, attention):
    import torch
    from transformers import BertModel

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = BertModel.from_pretrained(checkpoint, attn_implementation=attention,
                                                     add_pooling_layer=False)

        def forward(self, input_ids, attention_mask):
            hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask,
                                  token_type_ids=torch.zeros_like(input_ids)).last_hidden_state
            weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weights).sum(1) / weights.sum(1)
            return mean / torch.sqrt((mean * mean).sum(1, keepdim=True))

    return Pooled().eval()


def example_inputs(rows=2, tokens=9):
    import torch
    ids = torch.randint(1000, 2000, (rows, tokens))
    mask = torch.ones_like(ids)
    if rows > 1:
        mask[1, tokens * 2 // 3:] = 0
    return ids, mask
