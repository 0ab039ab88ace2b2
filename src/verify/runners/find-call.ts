import type { ShellWord } from '../../text/shell-quote.ts'
import { commandName, startOfProgram } from '../../text/start-of-program.ts'
import { NATIVE_RUNNERS } from './native-runners.ts'
import { NODE_RUNNERS } from './node-runners.ts'
import { OTHER_RUNNERS } from './other-runners.ts'
import { PYTHON_RUNNERS } from './python-runners.ts'
import type { RunnerCall } from './runner.ts'
import { RUST_RUNNERS } from './rust-runners.ts'

const RUNNERS = [...NODE_RUNNERS, ...PYTHON_RUNNERS, ...RUST_RUNNERS, ...NATIVE_RUNNERS, ...OTHER_RUNNERS]

/** Finds the call of a test runner in a command; undefined if the command calls no known runner. */
export function findCall(words: readonly ShellWord[]): RunnerCall | undefined {
  const start = startOfProgram(words.map(({ text }) => text))
  const own = words.slice(start).map(({ text }) => text)
  const names = [programName(own[0] ?? ''), ...own.slice(1)]
  for (const runner of RUNNERS) {
    const count = runner.match(names)
    if (count > 0) {
      return { runner, program: words.slice(0, start + count), args: words.slice(start + count) }
    }
  }
  return undefined
}

/** Package managers, whose test programs write reports. */
const MANAGER = /^(?:npm|npx|pnpm|yarn|bun|bunx|deno|nx|turbo|lerna|composer)$/

/** Whether a command that calls no known runner may start test programs, such as `make check`. */
export function startsOthers(words: readonly ShellWord[]): boolean {
  const texts = words.map(({ text }) => text)
  const program = commandName(texts[startOfProgram(texts)] ?? '')
  return program !== 'cd' && !MANAGER.test(program)
}

/** The runner's name in a path such as `vendor/bin/phpunit`, `./gradlew` or `node_modules/jest/bin/jest.js`. */
function programName(word: string): string {
  const inPackage = /(?:^|\/)node_modules\/(?:\.bin\/)?((?:@[\w.-]+\/)?[\w.-]+)/.exec(word)?.[1]
  if (inPackage !== undefined) return PACKAGES.get(inPackage) ?? inPackage
  return commandName(word)
}

const PACKAGES = new Map([
  ['@playwright/test', 'playwright'],
  ['jest-cli', 'jest'],
])
