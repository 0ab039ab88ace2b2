import type { GuardFinding, KeptTest } from '../change/guarded-change.ts'

/**
 * Match a statement that describes work and does none: a generator of Python, a stream of Java, a query of C#, a sequence of Kotlin, an
 * iterator of Rust, a lazy list of Ruby. What it asserts never runs.
 */
const LAZY: readonly (readonly [files: RegExp, statement: RegExp])[] = [
  [
    /\.py$/,
    /^\s*(?:\((?![^()]{0,40},).{1,300}\sfor\s.{1,200}\sin\s.{1,200}\)|(?:map|filter)\(.{1,300}\))\s*$/,
  ],
  [
    /\.(?:java|scala)$/,
    /^\s*[\w.()]{1,100}\.(?:stream\(\)|parallelStream\(\)|view).{0,200}\.(?:map|filter|peek|flatMap)\((?:[^()]|\([^()]{0,200}\)){1,300}\)\s*;?\s*$/,
  ],
  [/\.kt$/, /^\s*[\w.()]{1,100}\.asSequence\(\).{0,200}\.(?:map|filter|onEach)\s*[({].{1,300}[)}]\s*$/],
  [/\.cs$/, /^\s*[\w.()]{1,100}\.(?:Select|Where)\((?:[^()]|\([^()]{0,200}\)){1,300}\)\s*;\s*$/],
  [
    /\.rs$/,
    /^\s*(?:let\s+_\w{0,20}\s*=\s*)?[\w.()]{1,100}\.(?:iter|into_iter)\(\).{0,100}\.(?:map|filter|inspect)\(.{1,300}\)\s*;\s*$/,
  ],
  [/\.rb$/, /^\s*[\w.()]{1,100}\.lazy\.(?:map|each|select).{1,300}$/],
]
/** Matches what runs such a description. */
const RUNS =
  /\b(?:forEach|for_each|collect|toList|ToList|to_a|count|Count|sum|reduce|fold|all|any|last|consume|first|force|allMatch|anyMatch|noneMatch)\b/

/** Reports existing tests that only describe what they asserted before, so that it never runs. */
export function lazyAssertions({ file, added, removed, marks }: KeptTest): readonly GuardFinding[] {
  const statement = LAZY.find(([files]) => files.test(file.path))?.[1]
  if (statement === undefined || !removed.some((line) => marks.assertion.test(line))) return []
  const known = new Set(removed.map((line) => line.trim()))
  const isLazy = added.some((line) => statement.test(line) && !RUNS.test(line) && !known.has(line.trim()))
  const text = `\`${file.path}\` describes what it asserted before, and runs it no more`
  return isLazy ? [{ text, weight: 'reason' }] : []
}
