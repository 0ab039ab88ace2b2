import { shellQuote } from '../../../text/shell-quote.ts'
import type { PlainForm } from './narrowed-forms.ts'
import type { SaidLine } from './said-lines.ts'

/** The form of a `cargo test` of CI, with its options in a fixed order; undefined for another platform or toolchain. */
export function cargoForm(line: SaidLine): PlainForm | undefined {
  const words = withoutHack(line.words)
  const [, sub = '', ...args] = words
  if (sub.startsWith('+')) return undefined
  if (words.includes('--wasm')) return undefined
  // With paths as arguments, `cargo xtask` or `cargo run` is some tool of the repository.
  const ownArgs = args.includes('--') && sub === 'xtask' ? args.slice(0, args.indexOf('--')) : args
  if (sub === 'xtask' || sub === 'run')
    return {
      command: join(words.filter((word) => !/^--(?:llvm-)?cov(?:erage)?$/.test(word))),
      isWhole: !ownArgs.some((word) => /[/*]/.test(word)),
      width: 5,
    }
  const kept: string[] = []
  let isWhole = true
  // `cargo llvm-cov nextest` tests the same with coverage.
  const start = sub === 'nextest' || /^(?:nextest|test)$/.test(args[0] ?? '') ? 1 : 0
  for (let at = start; at < args.length; at++) {
    const word = args[at] ?? ''
    const [name = '', value] = word.split('=', 2)
    if (word === '--') {
      const inner = args.slice(at + 1)
      if (inner.some((one) => !one.startsWith('-') && !/^\d+$/.test(one))) isWhole = false
      if (sub !== 'nextest') kept.push('--', ...inner.filter((one) => one !== '--nocapture'))
      break
    }
    const takesValue =
      /^(?:--features|-F|--exclude|--profile|--cargo-profile|-j|--jobs|--package|-p|--test|--bin|--example|--bench|--target|--retries|--partition|--test-threads|--color|-E|--filter-expr|--config)$/
    const said = takesValue.test(name) ? (value ?? args[++at] ?? '') : undefined
    if (name === '--target' && !/^x86_64-unknown-linux/.test(said ?? '')) return undefined
    if (/^(?:--bench(?:es)?|--no-run)$/.test(name)) return undefined
    if (
      /^(?:-p|--package|--test|--bin|--example|--lib|--doc|--bins|--examples|--tests|-E|--filter-expr)$/.test(
        name,
      )
    )
      isWhole = false
    if (!name.startsWith('-')) isWhole = false
    // An empty value comes from another combination of a matrix.
    if (/^(?:--features|-F|--exclude|--package|-p|--test|--bin)$/.test(name))
      kept.push(...(said ? [name, said.trim().replace(/[\s,]+/g, ',')] : []))
    else if (
      /^(?:--workspace|--all|--all-features|--no-default-features|--all-targets|--release|--lib|--doc|--tests|--no-fail-fast)$/.test(
        name,
      )
    )
      kept.push(word === '--all' ? '--workspace' : word)
  }
  const dashes = kept.at(-1) === '--' ? kept.slice(0, -1) : kept
  const has = (word: string) => (dashes.includes(word) ? 1 : 0)
  const width =
    4 * has('--workspace') +
    2 * has('--all-features') -
    has('--features') -
    2 * has('--no-default-features') -
    has('--release') -
    has('--all-targets')
  // `--workspace` comes first, as people write it.
  const ordered = [
    ...dashes.filter((one) => one === '--workspace'),
    ...dashes.filter((one) => one !== '--workspace'),
  ]
  // A combination of a matrix may test a single feature only.
  const isNarrow = dashes.includes('--no-default-features') && !dashes.includes('--workspace')
  return { command: join(['cargo', 'test', ...ordered]), isWhole: isWhole && !isNarrow, width }
}

/** `cargo hack test --each-feature`, which tests each feature alone, as one `cargo test` with all that it does not exclude. */
function withoutHack(words: readonly string[]): readonly string[] {
  if (words[1] !== 'hack') return words
  const args: string[] = []
  let isAll = false
  let excludes = false
  for (let at = 2; at < words.length; at++) {
    const word = words[at] ?? ''
    const [name = ''] = word.split('=', 1)
    if (/^--(?:each-feature|feature-powerset)$/.test(name)) isAll = true
    else if (
      /^--(?:exclude-features|skip|depth|group-features|partition|exclude-no-default-features)$/.test(name)
    ) {
      excludes ||= /^--(?:exclude-features|skip)$/.test(name)
      if (!word.includes('=') && name !== '--exclude-no-default-features') at++
    } else if (
      !/^--(?:optional-deps|rust-version|ignore-private|exclude-all-features|ignore-unknown-features)$/.test(
        name,
      )
    )
      args.push(word)
  }
  return ['cargo', ...args, ...(isAll && !excludes ? ['--all-features'] : [])]
}

/** Removes `--exclude a` from a command if CI tests that package by another command, `-p a`. */
export function withExcluded(command: string, others: readonly Pick<SaidLine, 'words'>[]): string {
  const alone = new Set(
    others.flatMap(({ words }) =>
      words.flatMap((word, at) => (/^(?:-p|--package)$/.test(word) ? [words[at + 1] ?? ''] : [])),
    ),
  )
  return command.replace(/ --exclude ([\w-]{1,80})(?= |$)/g, (whole, name: string) =>
    alone.has(name) ? '' : whole,
  )
}

function join(words: readonly string[]): string {
  return words.map(shellQuote).join(' ')
}
