/** Programs that start the program named after them. Their own options come first. */
const STARTERS = new Set([
  'env',
  'time',
  'command',
  'exec',
  'nice',
  'cross-env',
  'c8',
  'nyc',
  'xvfb-run',
  'npx',
  'bunx',
  'pnpx',
  'dotenvx',
  'sh',
  'bash',
])
/** Programs that do so with a subcommand. */
const STARTER_PAIRS = new Set([
  'pnpm exec',
  'pnpm dlx',
  'yarn exec',
  'yarn dlx',
  'npm exec',
  'npm x',
  'bun x',
  'uv run',
  'poetry run',
  'pdm run',
  'pipenv run',
  'hatch run',
  'rye run',
  'bundle exec',
  'composer exec',
  'coverage run',
])
/** Options of these programs that take a value. */
const WITH_VALUE = new Set([
  '-p',
  '--package',
  '--group',
  '--extra',
  '--with',
  '--python',
  '--project',
  '--directory',
  '--env-file',
  '--only-group',
  '-W',
  '-X',
  '-C',
  '-n',
])

/** Index of the word that names the program, after assignments and programs that only start it. */
export function startOfProgram(words: readonly string[]): number {
  let at = 0
  while (at < words.length) {
    const next = skipOne(words, at)
    if (next === at) return at
    at = next
  }
  return at
}

function skipOne(words: readonly string[], at: number): number {
  const word = words[at] ?? ''
  if (/^[A-Za-z_]\w*=/.test(word)) return at + 1
  const name = word.slice(word.lastIndexOf('/') + 1)
  if (/^python[\d.]*$/.test(name)) return skipPython(words, at)
  // As in `node --experimental-vm-modules node_modules/jest/bin/jest.js`. A file of the project is a program of its
  // own.
  if (name === 'node') {
    const script = skipOptions(words, at + 1)
    return /(?:^|\/)node_modules\//.test(words[script] ?? '') ? script : at
  }
  if (STARTER_PAIRS.has(`${name} ${words[at + 1] ?? ''}`))
    return skipModule(words, skipOptions(words, at + 2))
  if (!STARTERS.has(name)) return at
  const next = skipOptions(words, at + 1)
  // `sh ./test.sh` does not call a known runner, but `sh ./gradlew` does.
  return /^(?:sh|bash)$/.test(name) && !/(?:gradlew|mvnw)$/.test(words[next] ?? '') ? at : next
}

/** Skips `python3 -m` before `pytest`, and `python3` before `manage.py`. With code after `-c`, `python3` stays. */
function skipPython(words: readonly string[], at: number): number {
  const next = skipOptions(words, at + 1)
  if (words[next] === '-m') return next + 1
  return /(?:^|\/)manage\.py$/.test(words[next] ?? '') ? next : at
}

/** Skips the option of `uv run -m pytest` and `coverage run -m pytest`. */
function skipModule(words: readonly string[], at: number): number {
  return words[at] === '-m' || words[at] === '--module' ? at + 1 : at
}

function skipOptions(words: readonly string[], start: number): number {
  let at = start
  while (words[at]?.startsWith('-') === true && words[at] !== '-m' && words[at] !== '--module') {
    const word = words[at] ?? ''
    if (word === '--') return at + 1
    at += WITH_VALUE.has(word) ? 2 : 1
  }
  return at
}

/** The name of a command without its folder, and without the version that npx is to fetch. */
export function commandName(word: string): string {
  return word
    .slice(word.lastIndexOf('/') + 1)
    .replace(/@[\d.]+$/, '')
    .replace(/\.(?:cmd|exe|bat|phar)$/, '')
}
