/** A part of a text, as UTF-16 offsets; `end` is excluded. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Text that a rule of gitleaks never takes for a secret. */
export interface Allowed {
  /** What the patterns are compared with: the secret, the secret with what it is assigned to, or its line. */
  readonly target: 'secret' | 'match' | 'line'
  /** Regular expressions as text. */
  readonly patterns: readonly string[]
  /** If a secret contains one of these words, in any case, it is not a secret. */
  readonly stopwords: readonly string[]
}

interface AnyRule {
  /** Id such as `github-pat`. A repository can allow findings by it. */
  readonly id: string
  /** Name to show to people, such as `GitHub token`. */
  readonly name: string
  /** In lower case. A text without any of these has no such secret. */
  readonly keywords: readonly string[]
  /** Whether it is one of gitleaks' rules. Those judge samples by their own lists. */
  readonly fromGitleaks?: boolean | undefined
  /** A secret must have more than this many bits per character. */
  readonly entropy?: number | undefined
  readonly allowed?: readonly Allowed[] | undefined
}

/** A rule for secrets with a beginning of their own, such as `npm_…`. */
export interface TokenRule extends AnyRule {
  readonly form: 'token'
  /** Matches at the start of the secret, and repeats nothing without a limit. If it has a group, that is the secret. */
  readonly pattern: string
  /** Pattern for the rest of a longer secret; default: letters, digits, `_` and `-`. */
  readonly rest?: string | undefined
  readonly ignoreCase?: boolean | undefined
  /** A shorter match is masked, but is too short to be reported as a real secret. */
  readonly leastFound?: number | undefined
  /** Whether no letter or digit may come before it. */
  readonly atWordStart?: boolean | undefined
  /** How many characters of the secret come before the keyword. */
  readonly before?: number | undefined
}

/** A rule for secrets that are known by the name they are assigned to, such as `heroku_key = "…"`. */
export interface AssignedRule extends AnyRule {
  readonly form: 'assigned'
  /** Matches the name, from a keyword on. */
  readonly identifier: string
  /** Matches the whole value. */
  readonly value: string
  readonly ignoreCase?: boolean | undefined
}

/** A rule for secrets that a pattern alone cannot find. */
export interface SpecialRule extends AnyRule {
  readonly form: 'special'
  /**
   * @param at where the keyword begins. For all keywords of a text together, the work must be linear in the text's
   * length.
   */
  readonly find: (text: string, at: number) => Range | undefined
}

export type SecretRule = TokenRule | AssignedRule | SpecialRule

/** A decoded text, and where each part of it comes from. */
export interface DecodedText {
  readonly text: string
  /** The part of the original text from which a part of the decoded text comes. */
  readonly rangeOf: (range: Range) => Range
}
