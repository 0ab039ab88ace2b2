/** A program that may change files, and the options with which it only checks them. */
interface WritingTool {
  /** The program with its first words; launchers such as `npx` and `bundle exec` before it do not matter. */
  readonly tool: RegExp
  /** Matches options that make it write. */
  readonly drop?: RegExp
  /** The option that makes it only check. */
  readonly add?: string
  /** Matches options that already do what `add` does. */
  readonly has?: RegExp
}

const TOOLS: readonly WritingTool[] = [
  { tool: /^cargo fmt$/, add: '--check', has: /^--check$/ },
  {
    tool: /^(?:ruff format|black|deno fmt|gleam format|zig fmt|crystal tool format|prettier|blue|yapf)$/,
    drop: /^(?:--write|-w|-i|--in-place)$/,
    add: '--check',
    has: /^(?:--check|-c|--diff|-d|--list-different|-l)$/,
  },
  { tool: /^isort$/, add: '--check-only', has: /^(?:--check-only|--check|-c|--diff)$/ },
  {
    tool: /^(?:ruff check|ruff|eslint|oxlint|stylelint|standard|ts-standard|xo|biome \w+|markdownlint|golangci-lint run|tslint|semistandard)$/,
    drop: /^--(?:fix(?:-[\w-]+|=\S+)?|write|apply(?:-unsafe)?|unsafe)$/,
  },
  {
    tool: /^(?:rubocop|standardrb|haml-lint|erb_lint|slim-lint)$/,
    drop: /^(?:-a|-A|-x|--(?:safe-)?auto-?correct(?:-all)?|--fix)$/,
  },
  {
    tool: /^dart format$/,
    // `--set-exit-if-changed` alone also writes.
    drop: /^(?:--fix|-w|--set-exit-if-changed|--output=\w+)$/,
    add: '--output=none --set-exit-if-changed',
  },
  { tool: /^(?:terraform|tofu) fmt$/, drop: /^-write(?:=\w+)?$/, add: '-check', has: /^-check(?:=true)?$/ },
  { tool: /^mix format$/, add: '--check-formatted', has: /^--check-formatted$/ },
  { tool: /^php-cs-fixer fix$/, add: '--dry-run', has: /^--dry-run$/ },
  { tool: /^pint$/, add: '--test', has: /^--test$/ },
  { tool: /^clang-format$/, drop: /^-i$/, add: '--dry-run --Werror', has: /^(?:--dry-run|-n)$/ },
  { tool: /^(?:gofmt|gofumpt|goimports)$/, drop: /^-w$/, add: '-l', has: /^-[ld]$/ },
]
const LAUNCHERS =
  /^(?:(?:npx|pnpm exec|pnpm dlx|yarn|bunx|bundle exec|uv run|uvx|poetry run|pipenv run|pdm run|hatch run|python3? -m|dart run|composer exec)(?: --?[\w-]+(?:=\S+)?)* )+|^(?:\.\/)?(?:vendor\/bin|bin|node_modules\/\.bin)\//

/**
 * Turns a command that writes files into one that only checks them: `cargo fmt` becomes `cargo fmt --check`. Other commands
 * stay as they are. The command is split at spaces, and quotes are kept.
 */
export function checkingForm(command: string): string {
  const start = LAUNCHERS.exec(command)?.[0] ?? ''
  const words = command.slice(start.length).split(' ')
  for (const length of [3, 2, 1]) {
    const name = words.slice(0, length).join(' ')
    const known = TOOLS.find(({ tool }) => tool.test(name))
    if (known === undefined || words.length < length) continue
    const args = words.slice(length).filter((word) => known.drop?.test(word) !== true)
    const asks = known.add === undefined || args.some((word) => known.has?.test(word) === true)
    const all = [name, ...(asks ? [] : [known.add ?? '']), ...args].join(' ')
    // These programs only list files that they would change, and exit with 0.
    return /^(?:gofmt|gofumpt|goimports)$/.test(name) ? `test -z "$(${start}${all})"` : `${start}${all}`
  }
  return command
}
