"""Pairs of texts: from the test collections where they are, else from the list below."""
import collections
import json
import os
import re

QUERIES, DOCUMENTS = 20, 10  # documents of each query: 200 pairs
SETS = ("adi", "squad-dev-a", "tldr", "scifact")
BUILT_IN = [
    ("how do salmon find their river", "Salmon return from the sea to the river where they hatched. They remember its "
     "smell, and follow the Earth's magnetic field until they are close enough to tell one stream from another."),
    ("list files by size", "ls -lS sorts the files of a folder by size, largest first; -r turns the order around, and "
     "-h prints sizes that people can read (1K, 234M, 2G)."),
    ("What is the boiling point of water at 3,000 m?", "Water boils at about 90 °C at 3,000 metres, because the air "
     "presses less on its surface. Cooking an egg there takes longer: 100 °C is never reached in an open pot."),
    ("side effects of aspirin", "Aspirin thins the blood and may irritate the stomach. Patients with ulcers, children "
     "with fever and people who take warfarin shouldn't use it without a doctor's advice."),
    ("who painted the night watch", "Rembrandt van Rijn finished \"The Night Watch\" in 1642. The painting shows a "
     "company of Amsterdam's civic guard and hangs in the Rijksmuseum."),
    ("convert celsius to fahrenheit", "Multiply by 9, divide by 5 and add 32: 20 °C are 68 °F. At -40 both scales "
     "show the same number."),
    ("train from Vienna to Venice", "The night train leaves Vienna at 21:27 and arrives in Venice at 8:34. Sleeping "
     "cars and couchettes must be reserved; bicycles can't be taken."),
    ("why is the sky blue", "Air scatters short waves of light more than long ones (Rayleigh scattering, ~ 1/λ⁴). "
     "The sky's light is therefore blue, and the setting sun, seen through more air, red."),
    ("remove a git branch", "git branch -d NAME deletes a merged branch, -D any branch; git push origin --delete NAME "
     "removes it from the server as well."),
    ("vaccination schedule for puppies", "Puppies get their first vaccination at eight weeks against distemper and "
     "parvovirus, a second one four weeks later, and one against rabies at sixteen weeks."),
    ("small language models on phones", "Models of a few million parameters run on a phone's CPU within milliseconds "
     "once their weights are stored with eight bits; distillation keeps most of a large model's quality."),
    ("naïve bayes classifier", "A naïve Bayes classifier assumes that features are independent given the class. It is "
     "trained by counting, needs little data, and is a strong baseline for spam filters."),
    ("how long to roast coffee", "Light roasts take 9 to 11 minutes and end shortly after the first crack; dark roasts "
     "take 14 minutes or more. Beans should rest for a day before they're ground."),
    ("battery of an electric car in winter", "Cold slows the chemistry of lithium cells: at -10 °C an electric car may "
     "lose a third of its range, and the heater takes its share too."),
    ("highest mountain of Africa", "Kilimanjaro (5,895 m), a dormant volcano in Tanzania, is the highest mountain of "
     "Africa; its glaciers have shrunk by more than 80 % since 1912."),
    ("error: permission denied (publickey)", "The server refused the key. Check that ~/.ssh/authorized_keys holds the "
     "public half, that its mode is 600, and that ssh -v offers the right identity."),
    ("origin of the word robot", "Karel Čapek's play R.U.R. (1920) brought \"robot\" into every language; the word "
     "comes from the Czech robota, forced labour, and was his brother Josef's idea."),
    ("difference between alligator and crocodile", "An alligator has a broad snout and hides its lower teeth; a "
     "crocodile's snout is narrow, and the fourth tooth shows when its mouth is closed."),
    ("how deep is the ocean", "The ocean is 3.7 km deep on average. The Challenger Deep in the Mariana Trench goes "
     "down to almost 11 km, where the pressure is a thousand times that of the air."),
    ("bread without yeast", "Baking soda and buttermilk raise soda bread within minutes. Mix flour, salt and soda, "
     "stir the milk in, cut a cross, and bake it at 200 °C for 40 minutes."),
]


def read_lines(path, count):
    with open(path, encoding="utf-8") as file:
        entries = [json.loads(line) for _, line in zip(range(count), file)]
    return [" ".join(f"{entry.get('title', '')} {entry['text']}".split()) for entry in entries]


def read_sets(folder):
    each = QUERIES // len(SETS)
    queries, documents = [], []
    for name in SETS:
        queries += read_lines(os.path.join(folder, name, "queries.jsonl"), each)
        documents += read_lines(os.path.join(folder, name, "corpus.jsonl"), each * DOCUMENTS)
    return queries, documents


def pairs(data):
    """[(query, [document, ...]), ...], 200 pairs; data: a folder with dev/, which need not be there."""
    folder = os.path.join(data, "dev")
    queries, documents = read_sets(folder) if os.path.isdir(folder) else map(list, zip(*BUILT_IN))
    step = len(documents) // 2 + 1 | 1  # each query meets documents of every set
    chosen = lambda i: [documents[(i * DOCUMENTS + k * step) % len(documents)] for k in range(DOCUMENTS)]
    return [(query, chosen(i)) for i, query in enumerate(queries)]


def words(texts):
    """Lower-case words of the texts without accents, the most frequent first."""
    import unicodedata
    plain = "".join(c for c in unicodedata.normalize("NFD", " ".join(texts).lower()) if not unicodedata.combining(c))
    counts = collections.Counter(re.findall(r"\w+|[^\w\s]", plain))
    return [word for word, _ in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))]
