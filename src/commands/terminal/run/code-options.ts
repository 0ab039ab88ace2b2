import { parseArgs } from 'node:util'
import { BackspaceError } from '../../../errors.ts'
import { optionWithoutValue, wrongOption } from './wrong-usage.ts'

/** The options that a person wrote after `npm run code --`. */
export interface CodeOptions {
  /** Address of a repository, or path of a clone. */
  readonly repo: string
  readonly prompt: PromptSource
  /** Fields of `POST /code` besides the repository and the prompt. */
  readonly request: {
    readonly base?: string | undefined
    readonly draft?: true | undefined
    readonly plan?: true | undefined
    readonly model?: string | undefined
    readonly agent?: string | undefined
    readonly budgetUsd?: number | undefined
    readonly parentRunId?: string | undefined
  }
  readonly url: string | undefined
  readonly tokenFile: string | undefined
  /** What to do with changes of a clone that GitHub does not have; undefined to ask the person. */
  readonly localChanges: 'push' | 'ignore' | undefined
  readonly json: boolean
}

export type PromptSource =
  | { readonly from: 'argument'; readonly text: string }
  | { readonly from: 'stdin' }
  | { readonly from: 'file'; readonly path: string }

export const USAGE = `Usage:
  npm run code -- --repo <address or path> --prompt "<what to do>"

  --repo <repository>     https://github.com/owner/name, or a path of a clone
  --prompt <what to do>   - reads it from standard input
  --prompt-file <file>    reads it from a file
  --base <branch>         starts from this branch
  --plan                  makes a plan and changes nothing
  --draft                 opens a draft pull request
  --model <provider:id>   tried before the models of the service
  --agent <name>          builtin, claude-code or dummy
  --budget <dollars>      what the run may cost at most
  --continue <run id>     continues an ended run, or answers its question
  --push                  pushes what GitHub does not have to a new branch, and works on that
  --ignore-local-changes  works without it
  --url <address>         a Backspace elsewhere; default: BACKSPACE_URL, else the one on this machine
  --token-file <file>     its API token; default: BACKSPACE_TOKEN
  --json                  prints the frames of the run, one JSON object per line

Exit code: 0 done, 2 wrong usage, 3 failed, 4 cancelled, 5 refused or a question, 6 Backspace not reached,
7 detached, the run goes on.`

/** @throws {BackspaceError} `bad_request`, with one sentence that says what to write instead. */
export function readCodeOptions(args: readonly string[]): CodeOptions | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string' && value.trim() === '')
      throw wrong(`--${name} is empty. ${adviceFor(name)}`)
  }
  if (values.repo === undefined) throw wrong(`--repo is missing. ${adviceFor('repo')}`)
  if (values.push && values['ignore-local-changes']) {
    throw wrong('--push and --ignore-local-changes exclude each other. Leave one of them out.')
  }
  return {
    repo: values.repo.trim(),
    prompt: promptSource(values.prompt, values['prompt-file']),
    request: {
      base: values.base,
      draft: values.draft || undefined,
      plan: values.plan || undefined,
      model: values.model,
      agent: values.agent,
      budgetUsd: budgetOf(values.budget),
      parentRunId: values.continue,
    },
    url: values.url,
    tokenFile: values['token-file'],
    localChanges: values.push ? 'push' : values['ignore-local-changes'] ? 'ignore' : undefined,
    json: values.json,
  }
}

function promptSource(text: string | undefined, path: string | undefined): PromptSource {
  if (text !== undefined && path !== undefined) {
    throw wrong('--prompt and --prompt-file exclude each other. Leave one of them out.')
  }
  if (path !== undefined) return { from: 'file', path }
  if (text === undefined) throw wrong(`--prompt is missing. ${adviceFor('prompt')}`)
  return text === '-' ? { from: 'stdin' } : { from: 'argument', text }
}

function budgetOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const usd = /^\$?(\d{1,6}(?:\.\d{1,4})?|\.\d{1,4})$/.exec(text.trim())?.[1]
  if (usd === undefined || Number(usd) === 0) {
    throw wrong('--budget must be a number of dollars above 0: --budget 2.50')
  }
  return Number(usd)
}

const ADVICE: Readonly<Record<string, string>> = {
  repo: 'Name a repository: --repo https://github.com/owner/name, or --repo <path of a clone>.',
  prompt: 'Write what to do: --prompt "<what to do>".',
  url: 'Write the address of a Backspace: --url https://backspace.example.',
  budget: 'Write the dollars behind it: --budget 2.50.',
}

function adviceFor(name: string): string {
  return ADVICE[name] ?? 'Leave it out, or give it a value.'
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseKnown(args)
  const [stray] = positionals
  // If the person forgets the `--` before the options, npm removes the options and leaves only their values.
  if (stray === undefined || values.repo === undefined) return values
  throw wrong(`"${stray}" does not belong to an option. Put a prompt in quotes: --prompt "<what to do>".`)
}

function parseKnown(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        repo: { type: 'string' },
        prompt: { type: 'string' },
        'prompt-file': { type: 'string' },
        base: { type: 'string' },
        draft: { type: 'boolean', default: false },
        plan: { type: 'boolean', default: false },
        model: { type: 'string' },
        agent: { type: 'string' },
        budget: { type: 'string' },
        continue: { type: 'string' },
        url: { type: 'string' },
        'token-file': { type: 'string' },
        push: { type: 'boolean', default: false },
        'ignore-local-changes': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    const problem = wrongOption(error)
    if (problem === undefined) throw error
    const empty = optionWithoutValue(error)
    throw wrong(empty === undefined ? problem : `${problem} ${adviceFor(empty)}`)
  }
}

function wrong(message: string): BackspaceError {
  return new BackspaceError('bad_request', message)
}
