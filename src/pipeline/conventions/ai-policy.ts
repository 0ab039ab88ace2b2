import type { CommunityFile } from '../../github/community-files.ts'
import { sentencesOf } from './sentences.ts'

/** A repository's policy on contributions made by models. */
export interface AiPolicy {
  /** `ban`: the repository accepts no such contributions. `disclose`: contributors must say that a model took part. */
  readonly kind: 'ban' | 'disclose'
  readonly path: string
  /** The sentence that states the policy; untrusted. */
  readonly quote: string
  /** The trailer that commits must have, such as `Assisted-by`. */
  readonly trailer?: string | undefined
}

const NAMES =
  '(?:AI|A\\.I\\.|LLMs?|GPT|ChatGPT|Copilot|Claude|Gemini|artificial intelligence|large language models?|language models?|[Gg]enerative (?:AI|models?|tools?)|[Mm]achine[- ]generated|coding agents?|[Vv]ibe[- ]cod(?:ed|ing))'
const AI = new RegExp(`\\b${NAMES}\\b`)
/** Matches a sentence about something that a model made, not about a program that uses models. */
const BY_AI = new RegExp(
  [
    String.raw`\b${NAMES}(?:[- ](?:generated|assisted|aided|written|authored|produced|created|made|derived|slop|output|contributions?|PRs?|pull requests?|patches|code|commits?|submissions?|content|use|usage|help|assistance|tools?|agents?|bots?)\b|.{0,30}\bused\b)`,
    String.raw`\b(?:generated|written|created|made|produced|authored|assisted|developed|derived|contributions?|requests?|PRs?|patches|commits?|code|submissions?|issues?)\s(?:\w{1,20}[\s,]+){0,6}?(?:by|with|using|from|via|through)\s.{0,80}\b${NAMES}\b`,
    String.raw`\b(?:[Uu]s(?:e|ed|age|ing)|help|aid|assistance|output)\b.{0,60}\b${NAMES}\b`,
    String.raw`\b(?:[Mm]achine[- ]generated|[Vv]ibe[- ]coded)\b`,
    String.raw`^\W*[Nn]o ${NAMES}(?: ?(?:/|or|and) ?(?:no )?${NAMES})?s? (?:for|in) (?:patches|pull requests|PRs|code|contributions)\b`,
  ].join('|'),
)
const BANS =
  /\b(?:do(?:es)? not|don['’]t|will not|won['’]t|cannot|can['’]t|must not|may not|should not|shall not|are not|is not|no longer|never)\s(?:\w+[\s,-]+){0,4}?(?:accept(?:ed)?|allow(?:ed)?|permit(?:ted)?|welcome|used?|submit(?:ted)?|contributed?|commit(?:ted)?|merged?|take|open(?:ed)?|send|sent|created?)\b|\b(?:bann?(?:ed)?|prohibit(?:ed|s)?|forbid(?:den|s)?|disallow(?:ed)?|reject(?:ed)?|declin(?:e|ed|es)|refus(?:e|ed|es)|unwelcome|not allowed|will be closed|is unacceptable)\b|^\W*no (?:AI|LLM|generative|machine|vibe)|\bplease (?:do not|don['’]t)\W*$/i
/** Matches a sentence about contributions, not about a program that uses models. */
const CONTRIBUTIONS =
  /\b(?:contribut\w*|pull requests?|PRs?|patch(?:es)?|code|commits?|submissions?|issues?|changes|generated|written|assisted|authored|usage)\b/i
/** Matches a sentence that sets conditions for the use of AI, which is no ban. */
const CONDITIONS =
  /\b(?:unless|(?<!with or )without (?:\w+ ){0,2}(?:disclos\w*|humans?|understand\w*|testing|reviewing|(?:active|careful|critical|proper|thorough) (?:\w+ )?review|saying|stating|mention\w*|oversight)|(?:not|\w{2,6}n['’]t) (?:\w+ ){0,3}(?:follow\w*|personally|review\w*|understand|understood|comply)|no humans?|autonomous\w*|on (?:their|its) own|unverified|raw|interact\w+|communicat\w+|descriptions?|comments?|repl(?:y|ies|ied)|media|images?|art|co-author\w*|plagiari\w*|incompatible|as long as|provided that|good first issues?|mentor\w*|labell?ed|pure(?:ly)?[- ]|is allowed|except|if you|unreviewed|undisclosed|undeclared|never mention|\w{2,20}ing (?:these|those)|that (?:provide|solve|lack|fail|ignore|waste)|low[- ](?:quality|effort)|slop|solely|entirely|completely|blindly|fully|purely|only if|spam|copyright|train(?:ed|ing)?|secrets?|private|issues? about|maintainers? may|have not)\b/i
/** Matches a double negation or a neutral statement, which is no ban either. */
const NO_BAN =
  /\b(?:not|\w{2,6}n['’]t|never) (?:\w+ ){0,3}(?:forbid|ban|prohibit|disallow|reject|oppose|take a position)\b|\bnot (?:forbidden|banned|prohibited|disallowed)\b|\bwe (?:do )?(?:accept|welcome|allow|permit)\b/i
const DISCLOSES =
  /\b(?:disclos\w*|declar\w*|must (?:be )?(?:\w+ly )?(?:mention|stat|label|tag|indicat|mark|noted?\b)\w*|(?:please|should|must|need to|have to) (?:\w+ ){0,3}(?:mention|state|label|tag|indicate|acknowledge|mark|note|say)\b|assisted-by|(?:tell|let) us\b|needs? (?:the|a) (?:\S+ )?label)/i
const TRAILER = /\b(AI-Assisted-By|Assisted-by|Generated-by|AI-assistant|Co-authored-by)\b\s*:/i

/** Whether a pull request template mentions models, even in a comment. */
export function mentionsAi(template: string): boolean {
  return AI.test(template.slice(0, MAX_TEMPLATE))
}

const BRACKETS = /\(([^()]{10,300})\)/
const MAX_TEMPLATE = 16 * 1024
const DENIES = /^\[ ?\] (?:no\b|.{0,60}\b(?:not|never|\w{2,6}n['’]t)\b)/i
const USED =
  /^\[ ?\] (?:.{0,80}\b(?:AI|LLMs?)\b.{0,80}\b(?:used|assist\w*)|.{0,40}\buse[ds]? (?:an? |generative )?(?:AI|LLM))/i
const MAX_QUOTE = 300
/** A ban that is a whole heading or list item: `No AI`. */
const BARE_BAN = new RegExp(
  `^[*_\\W]{0,6}(?:strict(?:ly)? )?no ${NAMES}(?:(?: ?[/,&]| or| and) ?(?:no )?${NAMES})*(?:,? (?:allowed|at all|here|please|policy|zone))?[\\W_]{0,8}$`,
  'i',
)
const MOST_BELOW = 3
const PERMITS = /\b(?:fine|free to|welcome|allowed|okay|may (?:be )?use\w*|no policy)\b/i
const README = /(?:^|\/)readme\.\w+$/i
const ABOUT_PEOPLE = /\b(?:contribut\w+|pull requests?|PRs?|patch(?:es)?)\b/i

/**
 * Finds a policy on contributions by models in a repository's texts: the first ban, else the first demand to disclose.
 * Code and comments do not count. Takes time linear in the length of the texts.
 */
export function findAiPolicy(texts: readonly CommunityFile[]): AiPolicy | undefined {
  const found = texts.flatMap(({ path, text }) => policiesIn(path, text))
  return found.find(({ kind }) => kind === 'ban') ?? found[0]
}

function policiesIn(path: string, text: string): readonly AiPolicy[] {
  const trailer = AI.test(text) ? TRAILER.exec(text)?.[1] : undefined
  // Text in brackets is also judged on its own.
  const sentences = sentencesOf(text).flatMap((one) => [one, ...(BRACKETS.exec(one)?.slice(1) ?? [])])
  // With two boxes to choose from, a sentence such as "I used no AI" is no ban.
  const isChoice = sentences.some((sentence) => USED.test(sentence) && !DENIES.test(sentence))
  return sentences.flatMap((sentence, index): AiPolicy[] => {
    const below = sentences.slice(index + 1, index + 1 + MOST_BELOW)
    if (isBareBan(sentence, { path, below })) {
      const said = [sentence, ...below.slice(0, 1)].join(': ')
      return [{ kind: 'ban', path, quote: said.slice(0, MAX_QUOTE) }]
    }
    if (!BY_AI.test(sentence) || !CONTRIBUTIONS.test(sentence)) return []
    if (isChoice && DENIES.test(sentence)) return []
    const quote = sentence.slice(0, MAX_QUOTE)
    if (BANS.test(sentence) && !CONDITIONS.test(sentence) && !NO_BAN.test(sentence))
      return [{ kind: 'ban', path, quote }]
    return DISCLOSES.test(sentence) ? [{ kind: 'disclose', path, quote, trailer: trailerOf(trailer) }] : []
  })
}

/** @param below the sentences that follow. In a README, a bare "No AI" may describe the program instead. */
function isBareBan(
  sentence: string,
  { path, below }: { readonly path: string; readonly below: readonly string[] },
): boolean {
  if (!BARE_BAN.test(sentence)) return false
  if (README.test(path) && !below.some((one) => ABOUT_PEOPLE.test(one))) return false
  return !below.some((one) => CONDITIONS.test(one) || NO_BAN.test(one) || PERMITS.test(one))
}

/** The trailer, unless it is Co-authored-by: that names a person, and Backspace sets it itself. */
function trailerOf(name: string | undefined): string | undefined {
  return name === undefined || /^co-authored/i.test(name) ? undefined : name
}
