#include "convert/quantize/calibration_texts.h"

/* clang-format off */
/* Queries, paragraphs, long passages and oddities, mixed so that any first part of the list is as
 * diverse as the whole. A blank line ends each text. */
const char *const minnow_calibration_texts[] = {
    "An experimental study was made of the flow over a slender delta wing at angles of attack up to thirty degrees "
    "and at a Mach number of 0.3. Surface pressures were measured at four chordwise stations, and the paths of the "
    "leading-edge vortices were made visible by smoke in a sheet of light. At small incidence the measured lift "
    "agrees closely with slender-body theory, but above about eight degrees the suction beneath the vortices "
    "produces an additional lift that grows roughly with the square of the incidence. The position at which the "
    "vortices burst moves forward from behind the trailing edge toward the apex as incidence rises, and its passage "
    "over the wing is marked by a loss of suction, a change in the slope of the pitching moment curve and increased "
    "unsteadiness. Blowing a thin jet along the leading edge delayed the bursting by as much as one fifth of the "
    "root chord. A simple method based on two concentrated vortices and a conical approximation is given for "
    "estimating the nonlinear lift; it is found to be adequate for design purposes provided that the burst point "
    "remains aft of the wing.",

    "warning: unused variable 'length' [-Wunused-variable]\n"
    "   41 |     size_t length = strlen(name);\n"
    "      |            ^~~~~~\n"
    "parser.c: In function 'parse_header':\n"
    "parser.c:88:17: error: 'struct header' has no member named 'flags'; did you mean 'flag'?\n"
    "   88 |     if (header->flags & HEADER_COMPRESSED) {\n"
    "      |                 ^~~~~\n"
    "      |                 flag\n"
    "make: *** [Makefile:23: build/parser.o] Error 1\n"
    "make: *** Waiting for unfinished jobs....\n"
    "The build log was saved to /var/log/build/2024-02-29.txt and will be removed after thirty days.",

    "how many teaspoons in a cup",

    "The house wren is a small brown songbird that nests in almost any cavity, including boots, mailboxes and the "
    "pockets of coats left on a line. Males arrive first and stuff several holes with twigs. The female inspects "
    "them all, chooses one and relines it with feathers and hair before laying four to eight pinkish eggs.",

    "d4f1c09ab37e5826f0917acb4de2531876ac0be9",

    "Segmentation fault (core dumped) after upgrade",

    "Mars rover landing site criteria",

    "Aurelio Brandt (born 12 July 1934) is a retired composer of film music. He studied the viola before turning to "
    "composition, wrote his first score for a documentary about eel fishermen, and went on to provide music for "
    "more than ninety features. He is known for small ensembles and for his habit of leaving the most dramatic "
    "scene of every film silent.",

    "Coral bleaching occurs when heat causes corals to expel the algae that live in their tissue. Colonies can "
    "recover if the water cools within some weeks. In our survey of 38 reefs, those that had bleached moderately in "
    "2010 lost less cover in 2016 than reefs with no such history, which suggests that acclimatization, or the loss "
    "of sensitive colonies, had already taken place.",

    "first woman to win a chess tournament open to men",

    "Glaciers carve valleys with a rounded floor and steep sides, whereas rivers, left alone, cut them into the "
    "shape of a V. Where a small glacier once joined a large one, its valley is left hanging high on the wall of "
    "the other, and its stream now falls over the lip. Fjords are such valleys drowned by the sea.",

    "The appellant leased a warehouse from the respondent for a term of ten years. Clause 14 of the lease required "
    "the tenant to keep the premises in good and substantial repair, fair wear and tear excepted, and clause 15 "
    "required the landlord to maintain the roof and the outer walls. In the fourth year water entered through the "
    "roof and damaged goods valued at 212,000. The tenant had noticed staining on the ceiling eight months earlier "
    "but had told nobody. The trial judge held that the landlord was not in breach, because a covenant to maintain "
    "parts of a building in the possession of another is, as a rule, a covenant to repair on notice. On appeal it "
    "was argued that the roof was never demised to the tenant and so remained in the control of the landlord, who "
    "needed no notice of its condition. We accept that argument. Where the defect lies in a part that the landlord "
    "has retained, the obligation is to keep it in repair at all times, and liability arises as soon as the defect "
    "does. The silence of the tenant goes to the measure of damages and not to liability. The appeal is allowed and "
    "the matter is remitted for assessment.",

    "The lake lies in a rift at 773 metres above sea level and has no outlet. Five rivers feed it, but evaporation "
    "is so strong that the water is ten times as salty as that of the rivers, and its level has fallen by eighteen "
    "metres since gauges were installed in 1926. Flamingos gather on the northern shallows in the dry season.",

    "ما هي أفضل طريقة لحفظ الخبز طازجا؟",

    "Should school uniforms be compulsory?",

    "What are the side effects of long-term steroid use in children?",

    "Release 4.2.0. New: dark theme, export to CSV, keyboard shortcuts for every menu. Changed: the default port is "
    "now 8443; configuration files from 3.x are no longer read, so run the migration assistant first. Fixed: crash "
    "when a folder name ended in a space (#1182), wrong time zone in the weekly report (#1190), memory growing "
    "without bound while watching large folders (#1204).",

    "offside rule explained",

    "mortgage refinance break even calculator",

    "Gas turbine blades run in gas hotter than the melting point of the alloy they are made of. They last because "
    "cool air, bled from the compressor, flows through passages in the blade and leaves through rows of small holes "
    "as a film over the surface. A ceramic coat a quarter of a millimetre thick lowers the temperature of the metal "
    "by a further hundred degrees.",

    "how do vaccines train the immune system",

    "const groups = new Map();\n"
    "for (const { city, amount } of orders) {\n"
    "  // Orders without a city belong to the shop itself.\n"
    "  const key = city ?? \"counter\";\n"
    "  groups.set(key, (groups.get(key) ?? 0) + amount);\n"
    "}\n"
    "const rows = [...groups].sort((a, b) => b[1] - a[1]).slice(0, 10);\n"
    "console.table(rows.map(([city, total]) => ({ city, total: total.toFixed(2) })));\n"
    "export default function topCities() { return rows.map((row) => row[0]); }",

    "3.7 kg, 120 km/h, 0.05 mol/L, 1013 hPa, -40 °C, 16 GiB, 2.4 GHz, 5'11\"",

    "The city council voted late on Tuesday to close the old market bridge to cars from the first of March, ending "
    "a dispute that has divided residents and shopkeepers for most of a decade. Engineers warned last autumn that "
    "two of the five arches, built in 1792, had shifted by up to four centimetres and could not bear heavy traffic "
    "for much longer. Under the plan, which passed by 23 votes to 19, pedestrians, cyclists and trams will continue "
    "to use the bridge while lorries and private cars are sent to the ring road. Repairs are expected to last "
    "eighteen months and to cost 14.6 million, of which the regional government has promised a third. Traders on "
    "the south bank fear that customers will stay away. We were told the same thing about parking, and we lost a "
    "quarter of our trade, said one baker, whose shop has stood beside the river since 1954. Supporters point to "
    "the experience of neighbouring towns, where footfall recovered within a year. A temporary ferry, free of "
    "charge, will run every ten minutes between seven in the morning and nine at night. A petition against the "
    "decision had gathered 3,100 signatures by Wednesday evening.",

    "明日の朝、駅前で待ち合わせましょう。",

    "omega-3 supplements pregnancy",

    "population of reykjavik",

    "Dear Ms Oyelaran, thank you for your letter of 12 September about the damage to your kitchen ceiling at Flat "
    "3, 27 Quarry Lane, and for the photographs you enclosed. I am sorry for the trouble this has caused. Our "
    "plumber visited the flat above yours on the 16th and found that a joint behind the washing machine had worked "
    "loose; it has been replaced and tested, and no further leak is expected. Your policy, number HX-2209-5137, "
    "covers the making good of ceilings, walls and fixed cupboards up to 5,000, less an excess of 150. It does not "
    "cover the loss of food, although your landlord's policy may do so, and I suggest that you send the list to him "
    "directly. Please obtain two written estimates from decorators of your choice, or, if you prefer, tell us and "
    "we will send one from our own list. Work should not begin until the plaster has dried, which usually takes "
    "from three to five weeks. If the flat becomes unfit to live in during that time, call the number at the head "
    "of this letter and we will arrange other accommodation. I have opened a claim in your name and will write "
    "again by 10 October. Yours sincerely, P. Achterberg, Claims Department",

    "An overlong second act and a tenor with a cold could not spoil what is easily the best production of the "
    "season. The set, a tilted ballroom slowly filling with sand, says more about decline than any surtitle. The "
    "orchestra played with bite, the chorus moved like a single animal, and the final trio drew a silence that "
    "lasted several breaths.",

    "For the pickling brine, combine 500 ml of vinegar (5% acidity), 500 ml of water, 45 g of coarse salt and 30 g "
    "of sugar. Bring to the boil and pour over 1.2 kg of small cucumbers packed into four 500 ml jars with dill, "
    "garlic and 1 tsp mustard seed each. Leave 1 cm of headspace. Process for 10 minutes; wait 3 weeks before "
    "opening.",

    "VPN connects but no internet",

    "Station     | Jan  | Apr  | Jul  | Oct  | Year\n"
    "Eastcliff   | 61.2 | 38.0 | 44.7 | 80.3 | 672\n"
    "High Moor   | 142  | 88.5 | 97.1 | 160  | 1488\n"
    "Port Lune   | 55.0 | 30.9 | 29.4 | 71.8 | 561\n"
    "Note: mean rainfall in millimetres from 1991 to 2020. The gauge at High Moor was moved 400 m uphill in June "
    "2003, and values before that date were multiplied by 1.07 so that the two halves of the record may be compared.",

    "I bought this espresso machine in January to replace one that had lasted eleven years, so my expectations were "
    "high, and after nine months and roughly a thousand cups I feel able to judge it. First, the good. It heats in "
    "under three minutes, holds its temperature well from shot to shot, and the steam wand is powerful enough to "
    "texture milk for two cups at once. The drip tray is deep and easy to empty, and every part that touches coffee "
    "can be removed without a screwdriver. Now the rest. The water tank sits at the back and cannot be filled under "
    "a low cupboard, which means pulling eight kilos across the counter every other day. The display is bright "
    "enough to light the kitchen at night and cannot be dimmed. In June the pump began to whine; customer service "
    "replied within a day and sent a new one, but fitting it was left to me, with instructions that seem to "
    "describe some other model. Would I buy it again? Probably, at the sale price. If you have the space, do not "
    "mind the light and own a decent grinder, you will get better coffee than from anything else near this cost. "
    "Four stars out of five.",

    "Hi team, quick reminder that the office will be closed on Friday for the electrical inspection. Please shut "
    "down your desktop machines on Thursday evening and take home anything you need. The freezer in the "
    "second-floor kitchen will be without power for about nine hours, so anything left in it by 17:00 will be "
    "thrown away. Questions to facilities, extension 2280. Thanks, Goran",

    "A fair die is thrown until a six appears. Let N be the number of throws. Then P(N = k) = (5/6)^(k-1) · 1/6, "
    "and the mean of N is 6, as one sees at once by conditioning on the first throw: E = 1 + (5/6) E. Less obvious "
    "is the mean of N given that every throw was even, which is not 3 but 3/2.",

    "Zoë Łukasiewicz, José Ibáñez, Søren Ångström, Nguyễn Thị Hoa, Çağla Öztürk, Siobhán Ní Bhriain",

    "Dear customer, your parcel with tracking code RX 558 203 417 XY could not be delivered today because nobody "
    "was at home. We will try again on the next working day between 9:00 and 13:00. If you would rather collect it, "
    "bring this card and proof of identity to the depot at 5 Mill Road after 18:00. Parcels are kept for seven days.",

    "cello concerto in e minor",

    "Can a landlord raise the rent twice in one year?",

    "replace dishwasher drain pump Model KD-4410",

    "Sleep inertia is the grogginess felt on waking, and in workers on call it can be dangerous. To learn whether "
    "caffeine taken before a short nap would lessen it, we studied 28 healthy volunteers (14 women; mean age 31 "
    "years) in a crossover trial with four visits. On each visit participants were kept awake until 02:00, "
    "swallowed a capsule holding 200 mg of caffeine or placebo, and then either napped for thirty minutes or rested "
    "in a chair. Reaction time, working memory and subjective sleepiness were tested 2, 15, 30 and 60 minutes after "
    "the nap. Two minutes after waking, lapses of attention were 41% fewer with caffeine than with placebo (p = "
    "0.003); by sixty minutes the difference had disappeared. Memory scores did not differ at any time. Resting "
    "without sleep gave no benefit in either condition. Sleep recordings showed that caffeine delayed the onset of "
    "sleep by 1.8 minutes on average and left the share of deep sleep unchanged. Habitual intake did not modify the "
    "effect. We conclude that caffeine immediately before a brief nap reduces the early, severe part of sleep "
    "inertia, and may suit staff who have to act within minutes of waking. Repeated use over many nights remains to "
    "be studied.",

    "CREATE INDEX without locking table",

    "boundary layer separation on swept wings at low speed",

    "https://www.example.org/shop/items?id=8841&colour=dark%20blue&page=2#reviews",

    "We measured the pressure distribution on a 10 percent thick circular-arc aerofoil in a slotted-wall tunnel at "
    "Mach numbers from 0.6 to 0.95. The shock first appeared near mid-chord and moved rearward with increasing "
    "speed. Separation at its foot began when the local Mach number ahead of the shock reached about 1.3, and was "
    "accompanied by buffeting.",

    "longest river in south america",

    "The printing house on Canal Street opened in 1541 and passed from father to daughter four times. Its ledgers, "
    "found behind a false wall during repairs, list the price of paper, the wages of the pressmen and the fines "
    "paid for almanacs issued without permission. From them we know that a folio Bible cost about as much as a cow.",

    "A will is normally revoked by a later will, by destruction with the intention of revoking it or, in some "
    "jurisdictions, by marriage. A person who tears up a will by mistake, believing it to be an old bill, has not "
    "revoked it, because the intention is missing; its contents may then be proved by a copy.",

    "what does \"ad hoc\" mean",

    "hey!! are we still on for sat? i can bring the big tent but one of the poles is bent so someone should bring "
    "tape lol. also leila is vegetarian now so can we do two lots of chili?? train gets in 10:42, if you could pick "
    "us up from the station that would be amazing. if not we'll just get the bus, no stress",

    "",

    "Treaty signed after the Thirty Years' War",

    "Inflation slowed to 2.9 percent in August from 3.3 percent in July, the statistics office reported on "
    "Wednesday, as cheaper fuel made up for another increase in rents. Economists had expected 3.1 percent. The "
    "central bank, which aims at 2 percent, meets next week and is widely thought to leave its main rate unchanged "
    "until spring.",

    "cheap flights lisbon to oslo march",

    "Ilse Maarvik (4 May 1871 – 19 November 1948) was a cartographer and mountaineer best known for her survey of "
    "the northern fjords. Born the third daughter of a harbour pilot, she learned to take soundings before she "
    "could ride a bicycle, and at nineteen she was hired as a copyist in the hydrographic office, where women were "
    "then permitted to draw but not to sign their charts. Between 1898 and 1906 she spent every summer in the "
    "field, usually with a single assistant and a portable theodolite of her own design, and corrected the accepted "
    "heights of more than sixty summits. Her Atlas of the Outer Coast, published in two volumes in 1909, remained "
    "in use by fishermen until the introduction of radar. She was elected to the national geographical society in "
    "1913 after two unsuccessful nominations. In later life she campaigned for lighthouses to be staffed through "
    "the winter and wrote a memoir, much admired for its dry humour, about the years she spent in tents. A glacier, "
    "a school and a species of lichen bear her name. She never married, and left her instruments to the museum in "
    "her home town.",

    "Is nuclear power needed to replace coal? Supporters answer that it runs by day and night, takes little land "
    "and emits almost no carbon dioxide; that its record of deaths per unit of energy is among the best; and that "
    "waste is small in volume. Opponents reply that new plants are late and costly, that storage for the long term "
    "is still disputed, and that wind and batteries grow cheaper every year.",

    "tall plants for shady balcony",

    "difference between mitosis and meiosis",

    "p53 mutation loss of function mouse model",

    "After the mine closed in 1962 the valley emptied within a decade. The school went first, then the post office "
    "and finally the cinema, whose last film was shown to an audience of five. Those who stayed bought the empty "
    "terraces for the price of their slates, and it is their children who have since turned the winding house into "
    "a museum.",

    "Suppose that f is continuous on [a, b] and differentiable inside, with f(a) = f(b). If f is constant there is "
    "nothing to prove. Otherwise f takes its maximum or its minimum at some interior point c, and the one-sided "
    "difference quotients at c have opposite signs, or vanish; since the derivative exists, f'(c) = 0.",

    "The two-bedroom flat is on the third floor of a brick building from 1908, ten minutes on foot from the "
    "university. It has 74 m² of floor space, oak parquet, a kitchen renewed in 2019 and a balcony facing the yard. "
    "No lift. Rent is 1,140 per month without heating (about 160), deposit three months. Cats are welcome. Viewings "
    "on Saturday from 2 pm.",

    "🎉🎂 happy birthday!! 🥳 see you at 8 👋🏽 ❤️",

    "The salt road between the coast and the high plateau was in use for at least eleven centuries before the first "
    "railway made it pointless. Caravans of mules set out in late spring, when the passes were clear, each animal "
    "bearing two blocks wrapped in straw, and returned in autumn with wool, copper and dried fruit. The journey "
    "took nineteen days in good weather. Inns stood at regular intervals, and the tolls collected at the bridges "
    "paid for the walls of at least three towns. In 1387 the lowland cities formed a league to fix the price of "
    "salt, which the uplanders answered by opening a second, longer route to the east; the quarrel lasted two "
    "generations and ended only when plague emptied both sides of traders. Later governments treated salt as a "
    "royal monopoly. Smuggling flourished, and the archives are full of complaints about villages where everyone, "
    "including the priest, was apparently asleep whenever a caravan passed by night. The last commercial journey "
    "was made in 1884. Today the lower half of the route is a footpath marked with white stones, while the upper "
    "half has been lost under forest, a reservoir and, for a short stretch, a car park.",

    "symptoms of iron overload",

    "Copyright protects the way an idea is expressed and not the idea itself. A recipe's list of ingredients is "
    "generally free for anyone to use, while the words of its introduction and the photograph beside it are not. "
    "Facts, titles and short slogans are also left outside, though a slogan may be registered as a trade mark.",

    "The final began at half past three under a low sky, and for twenty minutes neither side could hold the ball in "
    "the wind. The visitors settled first. Their captain, playing deeper than usual, sent a long pass to the left, "
    "where the winger beat two defenders and crossed for an easy header. One nil. The home team answered with "
    "pressure but little invention; they won seven corners before the interval and wasted each of them. After the "
    "break the manager replaced both full backs and moved to three at the back, a gamble that paid off within "
    "minutes when a low shot from twenty metres struck the post and rebounded to the substitute, who could hardly "
    "miss. The match then opened up. There was a penalty claim at either end, a goal ruled out for offside after a "
    "long review, and a remarkable double save in the eighty-eighth minute that sent the tie into extra time. It "
    "was decided, as so often, by a mistake: a tired back pass fell short, the keeper slipped, and the visiting "
    "striker rolled the ball into an empty net. The final score was 2-1, before a crowd of 41,306.",

    "What did the court decide about the disputed mineral rights?",

    "From the ferry landing, follow the paved lane uphill for 300 metres and turn left at the chapel. The path "
    "crosses two stiles and a stream before climbing through oak woods to the saddle (412 m). Here turn right along "
    "the ridge. In mist, keep the wall on your left. Allow four and a half hours for the whole circuit, and carry "
    "water: there is none above the farm.",

    "To pair your headset, hold the power button for five seconds until the light flashes blue and white. On your "
    "phone, open the Bluetooth menu and choose \"HX Sound 2\" from the list. If you are asked for a code, enter "
    "0000. The headset remembers up to eight devices and connects to the most recent one when it is switched on.",

    "How long can a submarine stay underwater?",

    "no no no no no no no no no no no no no no no no",

    "?! ... -- ;; () [] {} ~~ *** /// !!!",

    "buckling of conical shells under external pressure",

    "This agreement may be terminated by either party on sixty days' written notice. On termination the Licensee "
    "shall cease all use of the Materials, return or destroy every copy in its possession and certify in writing "
    "that it has done so. Clauses 4 (Confidentiality), 9 (Limitation of liability) and 12 (Governing law) survive "
    "termination.",

    "wireless noise cancelling headphones under 100 euros",

    "NAME\n"
    "       sift - select lines of delimited text by field\n"
    "\n"
    "SYNOPSIS\n"
    "       sift [-v] [-d CHAR] [-f N] PATTERN [FILE...]\n"
    "\n"
    "DESCRIPTION\n"
    "       Read each FILE, or standard input when none is given or FILE is -, and write to standard output the "
    "lines whose chosen field matches PATTERN. Fields are numbered from 1 and separated by a tab unless -d says "
    "otherwise. A line with too few fields never matches.\n"
    "\n"
    "OPTIONS\n"
    "       -d, --delimiter CHAR   separate fields by CHAR\n"
    "       -f, --field N          look at field N (default: 1)\n"
    "       -i, --ignore-case      treat upper and lower case alike\n"
    "       -v, --invert           select the lines that do not match\n"
    "       -c, --count            print the number of selected lines only\n"
    "       -q, --quiet            print nothing; exit as soon as a line matches\n"
    "           --header           pass the first line of each file through unchanged\n"
    "\n"
    "EXIT STATUS\n"
    "       0 if a line was selected, 1 if none was, 2 if an error occurred.\n"
    "\n"
    "EXAMPLES\n"
    "       Users whose shell is missing:\n"
    "           sift -d : -f 7 '^$' /etc/passwd\n"
    "       Orders from the north, with the heading kept:\n"
    "           sift --header -f 3 north orders.tsv > north.tsv\n"
    "\n"
    "BUGS\n"
    "       A delimiter of more than one byte is refused, also where the locale would allow it.",

    "vitamin d deficiency elderly fracture risk",

    "Rain stopped play twice before lunch, and when the covers finally came off the pitch had quickened. The "
    "opening bowler took four wickets in nine overs, two of them with balls that moved late and clipped the top of "
    "off stump. By tea the touring side were 131 for 7, still 96 behind, with only the wicketkeeper showing any "
    "patience.",

    "HARBOUR CITY, 14 May – A cargo ship that ran aground on Sunday was refloated at high tide early on Tuesday "
    "with the help of four tugs, the port authority said. No oil was spilled and none of the 21 crew members was "
    "hurt. Divers will inspect the hull before the vessel is allowed to continue to its destination.",

    "The liver handles alcohol at a fairly constant rate, about one standard drink per hour, whatever the amount in "
    "the blood. Coffee, cold showers and exercise do not hasten it. Women reach higher concentrations than men "
    "after the same amount, partly because they have less body water, and some people of East Asian descent carry "
    "an enzyme variant that makes them flush.",

    "Migratory birds must balance the fuel they carry against the cost of carrying it, yet little is known of how "
    "inexperienced individuals decide when to depart from a stopover. We fitted 96 juvenile reed warblers with "
    "radio tags weighing 0.3 g at a coastal marsh during three autumns, measured their fat and muscle by magnetic "
    "resonance on the day of capture, and followed their movements with an array of automated receivers. Birds with "
    "larger reserves left sooner, and almost always within ninety minutes of sunset. Wind assistance aloft "
    "increased the probability of departure in fat birds but had no detectable effect on lean ones, which moved "
    "inland instead and stayed for a median of nine days. Supplementary food, offered to half of the birds in the "
    "last autumn, shortened the stay by 2.7 days. Individuals that departed against the wind were relocated at "
    "shorter distances the following morning. These results suggest that young migrants use their own condition as "
    "a gate that must be opened before the weather is taken into account. Because wetlands along the flyway are "
    "shrinking, competition for food at the remaining sites may delay departures and expose the birds to later, "
    "less favourable conditions.",

    "Ship to: Dr. Amina Feld, Institute for Marine Research, Room 4.117, 88 Dockside Avenue, 20457 Northport. "
    "Contact telephone +00 555 010 7788. Deliver between 08:30 and 16:00, Monday to Thursday; ring at gate C. "
    "Contents: 2 boxes of dry ice, UN 1845, 12 kg net each. Keep upright, do not seal. Order no. 2024-03-A-00519, "
    "cost centre 7712.",

    "如何在雨天保持鞋子干燥",

    "does green tea lower blood pressure",

    "flutter analysis of thin cylindrical panels",

    "meaning of the word \"petrichor\"",

    "Iron deficiency is the most common cause of anaemia in infants after six months of age, when the stores laid "
    "down before birth run out. Cow's milk contains little iron and may cause slight bleeding in the gut, so it "
    "should not be the main drink before the first birthday. Purées of meat, lentils and fortified cereal are "
    "suitable first foods.",

    "[09:02] mira: morning all, is the staging server down for anyone else\n"
    "[09:03] tomasz: works for me?? which region\n"
    "[09:03] mira: eu-2, I get a timeout after 30s, then a blank page\n"
    "[09:05] Bea K.: same here. started right after the 08:40 deploy I think\n"
    "[09:06] tomasz: ok that one only changed the login template... let me look at the logs\n"
    "[09:11] tomasz: found it. connection pool is exhausted, 200/200 in use, all waiting on the same lock\n"
    "[09:12] mira: the migration! it adds a column with a default on the orders table, that's 90 million rows\n"
    "[09:12] tomasz: ouch\n"
    "[09:13] Bea K.: can we kill it safely or will it leave half a column behind\n"
    "[09:15] tomasz: it's in one transaction so it should roll back cleanly. might take a while tho\n"
    "[09:16] mira: do it please, demo is at 10 and I would rather not show a spinner to the customer 😅\n"
    "[09:24] tomasz: done. pool is draining, 61 in use... 12... back to normal\n"
    "[09:25] mira: confirmed, page loads in 300 ms. thank you!!\n"
    "[09:27] Bea K.: I'll rewrite it to add the column as nullable and fill it in batches. review this afternoon?\n"
    "[09:28] tomasz: sure, after lunch 👍",

    "Q: My tomato leaves curl upward in the afternoon but look fine in the morning. Am I overwatering? A: Probably "
    "not. Many varieties roll their leaves in strong sun to save water, and it does no harm. Worry if the curl "
    "stays overnight, if the leaves turn thick and purple beneath, or if new growth is twisted; the last can be a "
    "sign of weedkiller in the compost.",

    "DO NOT OPEN THE VALVE WHILE THE TANK IS UNDER PRESSURE",

    "late night pharmacy near central station",

    "TypeError: unsupported operand type(s) for +: 'int' and 'str'",

    "best hiking boots for wide feet 2023",

    "Laminar flow in the entrance of a heated pipe is treated by expanding the temperature in a series of "
    "eigenfunctions. The first ten eigenvalues are tabulated for uniform wall temperature and for uniform heat "
    "flux. The local Nusselt number falls from infinity at the inlet to 3.66 and 4.36 respectively, and is within "
    "five percent of these limits beyond a reduced length of about 0.05.",

    "Bought these for my daughter who is a size 38, and had to send them back twice. The 38 is more like a 37 and "
    "the 39 like a 40. Colour is lovely, and the leather feels softer than I expected for the price, but what use "
    "is that if nothing fits? Returns were quick. Two stars.",

    "The Tarn Peninsula extends for about 140 kilometres from the mainland into the northern sea and is joined to "
    "it by an isthmus nowhere wider than six. Its western shore is steep and deeply cut by inlets; the eastern "
    "shore is low, with dunes, lagoons and a single natural harbour. A spine of granite hills, the highest of which "
    "reaches 918 metres, forces moist winds from the west to rise, so that annual rainfall exceeds 2,200 "
    "millimetres on the windward slopes but falls to less than 600 in the lee. Winters are mild for the latitude. "
    "The soil is thin and acid in the west, where sheep are grazed, and sandy in the east, where potatoes, barley "
    "and bulbs are grown under irrigation. According to the census of 2011 the population was 58,400, of whom "
    "almost half lived in the harbour town. Fishing, once the chief occupation, now employs fewer than a tenth of "
    "the workforce; tourism, wind power and a small university account for most of the rest. A ferry crosses the "
    "bay four times a day in summer. Notable sights include the stone circle at Ardle, the seabird cliffs and the "
    "ruined abbey on the outermost island, which can be reached on foot at low tide.",

    "linux find files larger than 1 GB",

    "The antibiotic was no better than placebo for acute sinusitis in this trial of 166 adults. Symptom scores on "
    "day 3 were alike in the two groups (mean difference 0.03, 95% CI -0.12 to 0.19), and about four fifths of each "
    "had improved by day 10. Diarrhoea was reported by 9% of those taking the antibiotic and 4% of the others.",

    "asdf qwer zxcv hjkl lorem123 __init__ x86_64 v2.10.3-rc1",

    "cast iron skillet 26 cm, pre-seasoned",

    "is it safe to freeze cooked rice",

    "Beat 3 eggs with 180 g of sugar until pale, then fold in 120 g of melted butter, the zest of two lemons and "
    "200 g of flour sifted with 8 g of baking powder. Fill the moulds three quarters full, chill for an hour and "
    "bake at 220 °C for four minutes, then at 180 °C for six more.",

    "Marathon training, week 9. Monday: rest. Tuesday: 12 km with 6 x 800 m at 10 km pace, 400 m jog between. "
    "Wednesday: 10 km easy. Thursday: 14 km, the middle 8 at marathon pace. Friday: rest or 40 minutes of cycling. "
    "Saturday: 8 km easy plus strides. Sunday: 29 km, slow enough to talk, with a gel every 40 minutes.",

    "Gut bacteria diversity is reduced in patients with chronic constipation.",

    "where is my order",

    "Tempering chocolate means melting it and cooling it so that the cocoa butter sets in one particular crystal "
    "form. Well-tempered chocolate is glossy and snaps; badly tempered chocolate is dull, soft and streaked with "
    "grey. Melt dark chocolate to 50 °C, cool to 27 °C while stirring, and warm again to 31 °C before use.",

    "Who invented the sewing machine?",

    "In the winter of 1709 the cold was so severe that rivers froze to their mouths, wine burst its casks and birds "
    "dropped from the air. Seed in the ground was killed across much of the continent. The price of bread tripled "
    "by summer, and in several cities the poor broke open granaries that officials had sworn were empty.",

    "/* A fixed ring of integers. Pushing to a full ring drops the oldest. */\n"
    "struct ring {\n"
    "    int items[RING_CAPACITY];\n"
    "    size_t first, count;\n"
    "};\n"
    "\n"
    "static void ring_push(struct ring *r, int value)\n"
    "{\n"
    "    size_t slot = (r->first + r->count) % RING_CAPACITY;\n"
    "    r->items[slot] = value;\n"
    "    if (r->count < RING_CAPACITY) {\n"
    "        r->count++;\n"
    "    } else {\n"
    "        r->first = (r->first + 1) % RING_CAPACITY;\n"
    "    }\n"
    "}\n"
    "\n"
    "static bool ring_pop(struct ring *r, int *value)\n"
    "{\n"
    "    if (r->count == 0) {\n"
    "        return false; /* nothing to take */\n"
    "    }\n"
    "    *value = r->items[r->first];\n"
    "    r->first = (r->first + 1) % RING_CAPACITY;\n"
    "    r->count--;\n"
    "    return true;\n"
    "}\n"
    "\n"
    "int main(void)\n"
    "{\n"
    "    struct ring r = {0};\n"
    "    for (int i = 0; i < 100; i++) {\n"
    "        ring_push(&r, i * i);\n"
    "    }\n"
    "    int value;\n"
    "    long sum = 0;\n"
    "    while (ring_pop(&r, &value)) {\n"
    "        sum += value;\n"
    "    }\n"
    "    printf(\"sum of the last %d squares: %ld\\n\", RING_CAPACITY, sum);\n"
    "    for (size_t n = 0; n < RING_CAPACITY; n++) {\n"
    "        if (r.items[n] < 0) {\n"
    "            fprintf(stderr, \"item %zu is negative: %d\\n\", n, r.items[n]);\n"
    "            return EXIT_FAILURE;\n"
    "        }\n"
    "    }\n"
    "    return EXIT_SUCCESS;\n"
    "}",

    "¿Cuántos días tarda el envío a las islas?",

    "Knit the body in the round. Cast on 196 (212, 228, 244) stitches with 3.5 mm needles, place a marker and join, "
    "taking care not to twist. Work 6 cm of rib, *k2, p2; repeat from * to the end. Change to 4 mm needles and knit "
    "every round until the piece measures 38 (39, 40, 41) cm. Leave 12 stitches on hold at each side for the "
    "underarm.",

    "electroencephalography",

    "Microplastics are found in human blood",

    "Chapter 6. Backing up your data. The backup service copies every file in the folders you choose to the "
    "destination disk, and on later runs copies only what has changed. To create your first backup, open Settings, "
    "select Storage, then Backups, and press Add destination. Choose an external disk or a network share with at "
    "least twice as much free space as the data you intend to protect. You will be asked for a passphrase. Write it "
    "down and keep it somewhere safe: without it nobody, including our support staff, can recover the contents. "
    "Next, pick a schedule. Hourly backups are kept for one day, daily backups for one month and weekly backups "
    "until the disk is full, at which point the oldest are removed first. If the computer is asleep at the "
    "scheduled time, the backup starts within ten minutes of waking. To restore a file, right-click the folder that "
    "contained it, choose Earlier versions, and move the slider to the date you want. Restored files are placed "
    "beside the present ones and are never overwritten unless you tick Replace. Note: files larger than 64 GB are "
    "skipped on disks formatted as FAT32.",

    "\"You said the key was under the pot,\" she whispered. \"It was,\" he said, lifting the third one, \"on "
    "Tuesday.\" They stood in the rain and looked at the dark windows. Somewhere inside, a telephone rang eleven "
    "times and stopped. Then a light came on upstairs, in the room that had been locked since their grandmother "
    "died.",

    "When does daylight saving time end in Chile?",

    "INSERT INTO readings (sensor_id, taken_at, celsius)\n"
    "SELECT s.id, now(), r.value\n"
    "FROM raw_readings AS r\n"
    "JOIN sensors AS s ON s.serial = r.serial\n"
    "WHERE r.value BETWEEN -60 AND 85\n"
    "  AND r.received_at > now() - INTERVAL '10 minutes'\n"
    "  AND NOT EXISTS (SELECT 1 FROM readings AS old\n"
    "                  WHERE old.sensor_id = s.id AND old.taken_at = r.received_at)\n"
    "ORDER BY r.received_at;\n"
    "-- Readings outside the range of the sensor are kept in raw_readings only.",

    "Saffron is the dried stigma of a crocus that flowers for about two weeks in autumn. Each flower yields three "
    "threads, picked by hand before the sun is high, and some 150,000 flowers are needed for one kilogram. Its "
    "colour comes from crocin, its bitterness from picrocrocin and its smell chiefly from safranal, which forms "
    "during drying.",

    "error: cannot open shared object file: No such file or directory",

    "capital gains tax on inherited house",

    "What happens to my pension if I leave the company before I am vested? Your own contributions, with the "
    "interest on them, always belong to you. The employer's share is yours only after three years of service; "
    "before that it is returned to the scheme. You can leave your part where it is, move it to another scheme or, "
    "if it is less than 2,000, take it in cash.",

    "statin therapy and breast cancer survival",

    "Tardigrades survive drying by entering a state in which metabolism can hardly be detected. We sequenced "
    "transcripts from animals dried slowly and quickly and found 214 genes induced only by slow drying, among them "
    "several that encode disordered proteins. Silencing one of these lowered survival after rehydration from 83% to "
    "29%, whereas tolerance of freezing was unaffected.",

    "What is the boiling point of nitrogen?",

    "Photosynthesis converts the energy of light into chemical energy stored in sugars. In plants it takes place in "
    "chloroplasts, small bodies bounded by two membranes that contain stacks of flattened sacs called thylakoids. "
    "The process has two stages. In the first, pigments in the thylakoid membrane absorb light, chiefly red and "
    "blue, and use it to draw electrons from water; oxygen is released, and the electrons pass along a chain of "
    "carriers while protons are pumped across the membrane. The gradient that results drives the making of ATP, and "
    "the electrons finally reduce NADP+ to NADPH. In the second stage, known as the Calvin cycle, the enzyme "
    "rubisco joins carbon dioxide to a five-carbon sugar, and ATP and NADPH are spent in turning the product into a "
    "three-carbon sugar from which glucose, starch and cellulose can be built. Because rubisco also reacts with "
    "oxygen, some of the carbon is lost again, particularly in hot and dry weather when the pores of the leaf are "
    "closed. Maize, sugar cane and many grasses avoid most of this loss by first gathering carbon dioxide in one "
    "kind of cell and releasing it in another; cacti do so by opening their pores at night.",

    "Time zones, offsets and daylight rules are kept in a database that is updated several times a year, often with "
    "little warning. Store moments as UTC, and store a future local appointment as local time together with the "
    "name of the zone, since its offset may still change. Never store only an abbreviation: CST, for one, has at "
    "least three meanings.",

    "Почему осенью желтеют листья на деревьях?",

    "The stability of a helicopter in hovering flight is examined with six degrees of freedom. Pitching and forward "
    "motion combine in a slowly divergent oscillation with a period of about 14 seconds, which the pilot can "
    "control without difficulty unless he is deprived of a horizon. Attitude feedback of modest gain, with a little "
    "rate damping, renders the oscillation stable at all the loadings considered.",

    "Let G be a finite connected graph with n vertices, and let every vertex be coloured either red or blue. At "
    "each step choose a vertex at random and give it the colour of a neighbour, also chosen at random. We ask for "
    "the probability that all vertices end up red. Write d(v) for the degree of v and let S be the sum of d(v) over "
    "the red vertices. We claim that S is a martingale. Indeed, if the edge joining u and v has ends of different "
    "colours, then the chance that u copies v is 1/(n d(u)), which changes S by plus or minus d(u), so the expected "
    "contribution is plus or minus 1/n; the chance that v copies u gives the same amount with the opposite sign, "
    "and the two cancel. Summing over all edges proves the claim. The process is a finite Markov chain whose only "
    "absorbing states are the two with a single colour, because connectedness guarantees that from any other state "
    "some edge joins red and blue. Hence the process ends almost surely, and S is then 0 or 2m, where m is the "
    "number of edges. By the optional stopping theorem the required probability equals the initial value of S "
    "divided by 2m.",

    "git undo last commit but keep changes",

    "refund for cancelled train",

    "HTTP 502 bad gateway nginx upstream",

    "A man aged 54 came to the emergency department with two hours of crushing chest pain that spread to the left "
    "arm. He was pale and sweating. Blood pressure was 96/60 mmHg and pulse 112. The electrocardiogram showed ST "
    "elevation in leads II, III and aVF. He was given aspirin 300 mg and taken at once for angiography, which "
    "showed a blocked right coronary artery.",

    "42",

    "version: 2\n"
    "services:\n"
    "  web:\n"
    "    image: registry.example.org/shop/web:1.8.3\n"
    "    ports: [\"8080:80\"]\n"
    "    environment:\n"
    "      LOG_LEVEL: info\n"
    "      DATABASE_URL: postgres://shop@db:5432/shop\n"
    "    depends_on: [db]\n"
    "    restart: unless-stopped\n"
    "  db:\n"
    "    image: registry.example.org/base/postgres:15\n"
    "    volumes:\n"
    "      - data:/var/lib/postgresql/data   # survives an upgrade of the image\n"
    "volumes:\n"
    "  data: {}\n"
    "# Start with one replica; the job queue is not yet safe to share between two.\n"
    "# Passwords are read from the secret store and never from this file.",

    "Revenue for the quarter rose 6.4 percent to 1.28 billion, driven by stronger demand for industrial coatings "
    "and a favourable exchange rate; at constant currency the increase was 4.1 percent. Gross margin narrowed by 90 "
    "basis points to 37.2 percent as the cost of resin and freight climbed faster than selling prices, which were "
    "adjusted only in the last month of the period. Operating expenses were flat. Net income was 84 million, or "
    "0.71 per diluted share, compared with 92 million, or 0.77, a year earlier. The decline reflects a one-time "
    "charge of 11 million for closing the older of the two plants in the western region, where production ended in "
    "August. Cash flow from operations improved to 143 million on lower inventories, and net debt fell to 1.9 times "
    "trailing earnings before interest, taxes, depreciation and amortization. The board declared an unchanged "
    "dividend of 0.22 per share, payable on 15 December to holders of record on 1 December. Management now expects "
    "full-year revenue growth of between 4 and 5 percent, previously 3 to 5 percent, and repeats its earlier "
    "guidance for capital expenditure. A conference call for analysts will be held on Thursday at 9:00.",

    "Opening hours from 1 November 2024 to 31 March 2025: Tuesday to Friday 10:00–17:00, Saturday and Sunday "
    "11:00–18:00, closed on Mondays, on 24, 25 and 31 December and on New Year's Day. Last admission is 45 minutes "
    "before closing. Adults 9.50, students and over-65s 6.00, children under twelve free. Guided tours start at "
    "11:30 and 15:00 and take about one hour.",

    "½ cup ≈ 120 ml; α ≤ β → γ; €9.99 – £8.50 … “quoted” ‘text’ №7 §4 ™",

    "Bats that hunt moths face prey that can hear them. Some tiger moths answer the approach call with bursts of "
    "ultrasonic clicks. In a flight cage, naive bats caught silent moths in 74% of attacks and clicking ones in "
    "19%. The bats did not learn to ignore the clicks over ten nights, and their call sequences became irregular, "
    "as would be expected if the echoes had been jammed.",

    "heat transfer to a blunt body in hypersonic flow",

    "causes of the bronze age collapse",

    "A bond's price moves against interest rates. When new bonds pay 5 percent, nobody will give full price for an "
    "old one that pays 3, so its price falls until the return to a buyer is about the same. The longer the bond has "
    "to run, the more its price must move; duration measures how much.",

    "warning: implicit declaration of function 'strdup'",

    "Which countries border the Caspian Sea?",

    "why is my sourdough so dense",

    "def moving_average(values, width):\n"
    "    \"\"\"Mean of each run of `width` neighbours.\"\"\"\n"
    "    if width < 1 or width > len(values):\n"
    "        raise ValueError(f\"width {width} does not fit {len(values)} values\")\n"
    "    total = sum(values[:width])\n"
    "    means = [total / width]\n"
    "    for old, new in zip(values, values[width:]):\n"
    "        total += new - old\n"
    "        means.append(total / width)\n"
    "    return means",

    "If the dishwasher stops and the display shows E24, water is not draining. Switch off the appliance, remove the "
    "lower basket and lift out the filter. Bail out the water with a cup, take off the pump cover and look for "
    "glass or seeds beneath it. Check too that the drain hose is not kinked behind the cabinet. Replace all parts "
    "and run the rinse programme.",

    "Onion soup for six. Peel and halve 1.5 kg of yellow onions and slice them thinly from root to tip. Melt 60 g "
    "of butter with two tablespoons of oil in a wide, heavy pot over medium heat, add the onions with a teaspoon of "
    "salt, cover, and let them soften for 15 minutes. Remove the lid, lower the heat and cook for a further 50 to "
    "60 minutes, stirring more often toward the end, until they are the colour of dark honey. Do not hurry this; if "
    "they catch, add a splash of water and scrape. Stir in one tablespoon of flour and cook for two minutes. Pour "
    "in 250 ml of dry white wine, let it boil away by half, then add 1.75 litres of beef or mushroom stock, two bay "
    "leaves and three sprigs of thyme. Simmer, partly covered, for 30 minutes and season. Heat the grill. Ladle the "
    "soup into ovenproof bowls, float two slices of toasted bread on each, heap with 200 g of grated hard cheese in "
    "all, and grill for 3 to 4 minutes until blistered. The soup keeps for four days in the refrigerator and "
    "freezes well without the bread and cheese.",

    "tennis elbow exercises at home",

    "She served eleven aces and faced only one break point, which she saved with a drop shot that barely cleared "
    "the net. Her opponent, the fourth seed, had not lost a set all week but looked heavy-legged after Thursday's "
    "semi-final of three hours and fifty minutes. The match, 6-3, 6-2, took just over an hour.",

    "Wie lange muss der Teig im Kühlschrank ruhen, bevor man ihn ausrollt?",

    "An index fund buys every share in an index in proportion to its weight and makes no attempt to choose. Its "
    "costs are therefore low, often below 0.2 percent a year. Over twenty years a difference of one percentage "
    "point in cost takes away almost a fifth of the final sum, which is more than most managers add by their skill.",

    "usage: pack [-h] [-o OUTPUT] [--level {0-9}] [--exclude PATTERN] PATH [PATH ...]\n"
    "Write files and folders to one compressed archive.\n"
    "  -o, --output OUTPUT   name of the archive (default: archive.pk)\n"
    "  --level N             0 stores, 9 is the smallest and slowest (default: 6)\n"
    "  --exclude PATTERN     leave out paths that match; may be repeated\n"
    "  -h, --help            show this message and exit",

    "how to tie a bowline",

    "Metformin is usually the first drug given for type 2 diabetes. It lowers the output of glucose by the liver "
    "and makes muscle more sensitive to insulin, and on its own it rarely causes low blood sugar. Nausea and loose "
    "stools are common during the first weeks; taking the tablets with food, or starting with a small dose, makes "
    "them less likely.",
};
/* clang-format on */

const size_t minnow_calibration_text_count = sizeof minnow_calibration_texts / sizeof minnow_calibration_texts[0];
