/** A stretch of text: UTF-16 offsets, the end excluded. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Text that a rule of gitleaks never takes for a secret. */
export interface Allowed {
  /** What the patterns look at: the secret, the secret with what it is assigned to, or its line. */
  readonly target: 'secret' | 'match' | 'line'
  /** Sources of regular expressions. */
  readonly patterns: readonly string[]
  /** A secret that contains one of these words, in any case, is none. */
  readonly stopwords: readonly string[]
}

interface AnyRule {
  /** Such as `github-pat`; a repository allows findings by it. */
  readonly id: string
  /** For people, such as `GitHub token`. */
  readonly name: string
  /** In lower case. Text without any of them has no such secret. */
  readonly keywords: readonly string[]
  /** Whether it is one of gitleaks, which judges samples by its own lists. */
  readonly fromGitleaks?: boolean | undefined
  /** Bits per character; a secret has more. */
  readonly entropy?: number | undefined
  readonly allowed?: readonly Allowed[] | undefined
}

/** A secret that is known by its own beginning, such as `npm_…`. */
export interface TokenRule extends AnyRule {
  readonly form: 'token'
  /** Matches at the start of the secret. A group, if there is one, is the secret. It repeats nothing without a bound. */
  readonly pattern: string
  /** What the secret goes on with; letters, digits, `_` and `-` if nothing else is said. */
  readonly rest?: string | undefined
  readonly ignoreCase?: boolean | undefined
  /** A shorter one is masked, but is too short to be real. */
  readonly leastFound?: number | undefined
  /** No letter or digit may precede it. */
  readonly atWordStart?: boolean | undefined
  /** How many characters of the secret lie before the keyword. */
  readonly before?: number | undefined
}

/** A secret that is known by the name it is given, such as `heroku_key = "…"`. */
export interface AssignedRule extends AnyRule {
  readonly form: 'assigned'
  /** Matches the name, from a keyword on. */
  readonly identifier: string
  /** Matches the whole value. */
  readonly value: string
  readonly ignoreCase?: boolean | undefined
}

/** A secret that takes more than a pattern to see. */
export interface SpecialRule extends AnyRule {
  readonly form: 'special'
  /**
   * @param at where the keyword begins. Over all keywords of a text, the work must be linear in its length.
   */
  readonly find: (text: string, at: number) => Range | undefined
}

export type SecretRule = TokenRule | AssignedRule | SpecialRule

/** What a text says when it is decoded, and where in it that comes from. */
export interface DecodedText {
  readonly text: string
  /** The part of the original that holds a part of the decoded text. */
  readonly rangeOf: (range: Range) => Range
}
