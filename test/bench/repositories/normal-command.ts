/** What is the same command with any of them. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\s+/g, ' '],
  [/^(?:[A-Z_][A-Z0-9_]*=(?:'[^']*'|"[^"]*"|\S*) )+/, ''],
  [/(?:^|(?<= ))(?:\.\/)?\.venv\/bin\/(?=\w)/, ''],
  [
    /^(?:uv|poetry|pdm|pipenv) run (?:(?:--[\w-]+(?:[= ](?!python)[\w-]+(?= (?:--|python)))?|-[a-z]) )*(?=\S)/,
    '',
  ],
  [/^python\d?(?:\.\d+)? (?:-[A-Zbu]+ )*-m (?=\w)/, ''],
  [/^python\d(?:\.\d+)? /, 'python '],
  [/^(?:corepack |npx (?:--yes |-y )?(?=pnpm|yarn|bun))/, ''],
  [/^npx (?:--yes |-y )?-p @yarnpkg\/cli-dist@\S+ (?=yarn )/, ''],
  [/^(pnpm|yarn|bun)@\S+ /, '$1 '],
  [/^(?:opam exec -- |npx --no-install |(?:npm|pnpm|yarn) exec (?:-- )?)(?=\w)/, ''],
  [/^pnpm (?:(?:-r|--recursive|--if-present) )+(?=run )/, 'pnpm '],
  [/^(?:npm|pnpm|yarn|bun) (?:(?:run|run-script) (?:-[\w-]+ )*)(?=[\w:.-]+)/, 'script '],
  [
    /^(?:npm|pnpm|yarn) (?:-[a-z] |--silent )*(test|t|lint|check|unit|tsc|typecheck)(?=[\w:.-]*(?: |$))/,
    'script $1',
  ],
  [/^(?:sh )?\.\/mvnw /, 'mvn '],
  [/^mvn (?:(?:-B|-ntp|-q|--batch-mode|--no-transfer-progress) )+/, 'mvn '],
  [/^(?:sh )?\.\/gradlew /, 'gradle '],
  [/^gradle (?:--(?:no-daemon|console=plain|stacktrace|continue) )+/, 'gradle '],
  [/^bundle exec /, ''],
  [/^dart (?:pub global )?run (?=melos )/, ''],
  [/^(?:php )?(?:\.\/)?vendor\/bin\//, ''],
  [/^(?:bash|sh) (?=\.?\/?[\w/.-]+\.sh)/, ''],
  [
    /(?<=^pytest\b.*) (?:-q|-v+|-ra|--verbose|--fulltrace|--continue-on-collection-errors|--tb=\w+|-n[ =]?\w+|--durations=\d+)(?= |$)/g,
    '',
  ],
  [/(?<=^cargo\b.*) (?:--locked|--verbose|-v)(?= |$)/g, ''],
  [/ (?:-j ?\d*|-j\$\(nproc\)|--parallel(?: \d+)?)(?= |$)/g, ''],
]

/** A check without what makes no difference to which tests run: how the same tool is started, and how it prints. */
export function normalCommand(command: string): string {
  const parts = command.split(' && ').filter((part) => !/^cd \S+$/.test(part.trim()))
  return parts
    .map((part) => SPELLINGS.reduce((text, [from, to]) => text.replace(from, to), part.trim()).trim())
    .join(' && ')
}

/** Linters, types, formats and builds alone: no tests, and no fault. */
const NEUTRAL =
  /^(?:(?:script |yarn workspaces foreach (?:-\S+ )+run )(?:\w[\w.-]*:)*(?:lint|eslint|format|test[:-](?:typ(?:es?|ings)|tsc?)|fmt|type-?check|types?|tsc|check-types|check|build|prettier)(?:[:.-][\w:.-]*)?(?: --workspaces --if-present)?|(?:npx )?(?:tsc|eslint|biome|prettier|oxlint|ruff|mypy|pyright|flake8|black --check)\b.*|cargo (?:clippy|fmt|check)\b.*|go (?:vet|build)\b.*|hatch fmt --check.*|deno (?:lint|check|fmt --check)\b.*|mix (?:format --check-formatted|credo)\b.*|tox (?:run )?-e (?:lint|mypy|typing)|rubocop\b.*|terraform (?:validate|fmt)\b.*|(?:dart|flutter) (?:analyze|format (?:--output[= ]|-o ?)none)\b.*)$/
/** What a check must not do to the workspace. */
const WRITES =
  / --(?:write|fix|update-snapshots?|updateSnapshot|snapshot-update)\b|\b(?:format|fmt|fix):?write\b/

/** What lets a runner pass without a test: where the interpreter that is named is not there. */
const PASSES_WITHOUT = / -s \S*\d\.\d+.* --no-error-on-missing-interpreters\b| --passWithNoTests\b/

export function passesWithoutTests(normal: string): boolean {
  return PASSES_WITHOUT.test(normal)
}

/** @param normal as `normalCommand` writes it. */
export function isNeutral(normal: string): boolean {
  return !writes(normal) && normal.split(' && ').every((part) => NEUTRAL.test(part))
}

export function writes(normal: string): boolean {
  return WRITES.test(normal)
}
