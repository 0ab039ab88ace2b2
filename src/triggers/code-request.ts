import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import { isBranchName } from '../github/branches.ts'
import type { RepositoryTarget, RunOptions } from '../runs/run.ts'
import { AGENT_NAMES, agentMistake } from '../text/agent-name.ts'
import { forModel } from '../text/hidden-characters.ts'

/** A valid request to `POST /code`: the parts of a RunRequest that its body decides. */
export interface CodeRequest {
  readonly repository: RepositoryTarget
  readonly prompt: string
  readonly options: RunOptions
  /** Id of the ended run that this one continues. */
  readonly parentRunId: string | undefined
}

export interface CodeRequestRules {
  /** `https://github.com`, or `https://HOST` of a GitHub Enterprise Server: where `repoUrl` must point. */
  readonly webUrl: string
  /** The most dollars that a request may ask for. */
  readonly budgetCapUsd: number
  /** The name of a field in messages to people; default: the field's own name. */
  readonly nameOf?: ((field: string) => string) | undefined
}

/** The prompt in the caller's words, without hidden characters and surrounding spaces. */
export const promptField = z
  .string()
  // PostgreSQL cannot store NUL or malformed Unicode. Refusing both here gives a clear error.
  .refine((text) => !text.includes('\0') && text.isWellFormed(), {
    error: 'must be valid Unicode without NUL',
    abort: true,
  })
  .overwrite((text) => forModel(text).trim())
  .min(1, 'is empty')
  .max(100_000, 'is longer than 100,000 characters')

export const runIdField = z.string().regex(/^[\w-]{1,64}$/, 'must be the id of a run')

const repoUrlField = z
  .string()
  .max(2048, 'is longer than 2,048 characters')
  .describe('Exactly `https://github.com/owner/repo` (or your `GHE_HOST`); `.git` may follow.')

/** The body of `POST /code`. The deployment's limit on `budgetUsd` is added when a body is parsed. */
export const codeRequestBody = z.strictObject({
  repoUrl: repoUrlField,
  prompt: promptField.describe('What to do, up to 100,000 characters.'),
  base: z
    .string()
    .refine(isBranchName, 'must be the name of a branch: "main", "release/2.1"')
    .optional()
    .describe("Branch that the run starts from. Default: the repository's default branch."),
  draft: z.boolean().optional().describe('`true`: open a draft pull request.'),
  // A scripted model names a file of the host, so a client must not choose one.
  model: z
    .string()
    .regex(
      /^(?:anthropic|openai|bedrock|vertex|compatible(?:-[a-z][a-z0-9]{0,31})?):[\w./:@+-]{1,100}$/,
      'must be a provider and a model id, as in "anthropic:<model id>"; the providers are anthropic, openai, bedrock, vertex, compatible and compatible-<name>',
    )
    .optional()
    .describe(
      '`provider:<id>`, as in `BACKSPACE_MODELS`, before which Backspace tries it. The operator must have set up the provider.',
    ),
  agent: z
    .enum(AGENT_NAMES, { error: ({ input }) => agentMistake(input) })
    .optional()
    .describe(
      "`builtin` is Backspace's own agent, `claude-code` is Claude Code, if the operator installed it, and `dummy` uses no model. Default: `agent` in `.github/backspace.yml`, else `BACKSPACE_AGENT`.",
    ),
  budgetUsd: z
    .number()
    .positive('must be above 0')
    .optional()
    .describe('Budget of the run in dollars, at most `BACKSPACE_BUDGET_USD`.'),
  plan: z
    .boolean()
    .optional()
    .describe(
      '`true`: make a plan and change nothing. The outcome is `plan`; `POST /runs/{id}/approve` has it carried out.',
    ),
  parentRunId: runIdField
    .optional()
    .describe(
      'An ended run of the same repository. The new run continues from its transcript, in a new sandbox. Use this to answer a `question`.',
    ),
})

/** The body of `POST /prove`. */
export const proofBody = z.strictObject({
  repoUrl: repoUrlField,
  pullRequest: z
    .int('must be an integer')
    .min(1, 'must be 1 or more')
    .max(2_147_483_647, 'is too large for the number of a pull request')
    .describe('Number of an open pull request; it may come from a fork.'),
})

const MOST_FIELDS = 100

/**
 * Parses the JSON body of `POST /code`.
 *
 * @throws {BackspaceError} `bad_request`, which names every field that is wrong; `bad_repository_url`.
 */
export function parseCodeRequest(json: unknown, rules: CodeRequestRules): CodeRequest {
  const body = withBudgetCap(rules.budgetCapUsd)
  const example = '{"repoUrl":"https://…/owner/repo","prompt":"…"}'
  const { repoUrl, prompt, parentRunId, ...options } = parseBody(json, body, {
    example,
    nameOf: rules.nameOf,
  })
  return { repository: parseRepositoryUrl(repoUrl, rules), prompt, options, parentRunId }
}

/**
 * Parses the JSON body of `POST /prove`.
 *
 * @throws {BackspaceError} as `parseCodeRequest`.
 */
export function parseProofBody(
  json: unknown,
  rules: Pick<CodeRequestRules, 'webUrl' | 'nameOf'>,
): { readonly repository: RepositoryTarget; readonly pullRequest: number } {
  const example = '{"repoUrl":"https://…/owner/repo","pullRequest":1}'
  const { repoUrl, pullRequest } = parseBody(json, proofBody, { example })
  return { repository: parseRepositoryUrl(repoUrl, rules), pullRequest }
}

function parseBody<Shape extends z.ZodRawShape>(
  json: unknown,
  body: z.ZodObject<Shape>,
  { example, nameOf }: { readonly example: string } & Pick<CodeRequestRules, 'nameOf'>,
): z.output<z.ZodObject<Shape>> {
  // Naming tens of thousands of unknown fields would take too long.
  if (json !== null && typeof json === 'object' && Object.keys(json).length > MOST_FIELDS) {
    throw new BackspaceError('bad_request', `The body has more than ${MOST_FIELDS} fields.`)
  }
  const parsed = body.safeParse(json, { reportInput: true })
  if (parsed.success) return parsed.data
  const known = Object.keys(body.shape)
  const sentences = parsed.error.issues.map((issue) => explain(issue, { known, example, nameOf }))
  throw new BackspaceError('bad_request', sentences.join(' '))
}

function withBudgetCap(usd: number) {
  const { budgetUsd } = codeRequestBody.shape
  const capped = budgetUsd.unwrap().max(usd, `must be at most ${usd}, the limit of this service in dollars`)
  return codeRequestBody.extend({ budgetUsd: capped.optional() })
}

function explain(
  issue: z.core.$ZodIssue,
  {
    known,
    example,
    nameOf = (field) => field,
  }: { readonly known: readonly string[]; readonly example: string } & Pick<CodeRequestRules, 'nameOf'>,
): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys
      .slice(0, 10)
      .map((key) => JSON.stringify(key.slice(0, 60)))
      .join(', ')
    return `Unknown field${issue.keys.length > 1 ? 's' : ''} ${names}; known are ${known.join(', ')}.`
  }
  const field = nameOf(issue.path.join('.'))
  if (issue.path.length === 0) return `The body must be a JSON object: ${example}.`
  if (issue.code !== 'invalid_type')
    return `${field} ${issue.message}${/[.?]$/.test(issue.message) ? '' : '.'}`
  return issue.input === undefined
    ? `${field} is required.`
    : `${field} must be ${issue.expected === 'int' ? 'an integer' : `a ${issue.expected}`}.`
}

/**
 * Reads `https://github.com/owner/repo` strictly, from the text itself. `new URL` would silently repair what an
 * attacker wrote (backslashes, `%2e`, tabs), and another reader of the same text may repair it differently.
 */
function parseRepositoryUrl(
  text: string,
  { webUrl, nameOf = (field) => field }: Pick<CodeRequestRules, 'webUrl' | 'nameOf'>,
): RepositoryTarget {
  const match = /^([a-z]+):\/\/([a-z0-9.:[\]-]+)\/([^/]+)\/([^/]+)\/?$/i.exec(text)
  const [, scheme = '', host = '', owner = '', lastPart = ''] = match ?? []
  const name = lastPart.replace(/\.git$/, '')
  const known = match !== null && sameOrigin(`${scheme}://${host}`, webUrl)
  if (
    !known ||
    !/^[A-Za-z0-9][\w-]{0,38}$/.test(owner) ||
    !/^[\w.-]{1,100}$/.test(name) ||
    /^\.+$/.test(name)
  ) {
    throw new BackspaceError(
      'bad_repository_url',
      `${nameOf('repoUrl')} must be exactly ${webUrl}/owner/repo (".git" may follow): no other host or port, user name, query, fragment or encoded characters.`,
    )
  }
  return { owner, name }
}

function sameOrigin(asked: string, webUrl: string): boolean {
  const withoutDefaultPort = (origin: string) =>
    origin.toLowerCase().replace(/^(https:.*):443$|^(http:.*):80$/, '$1$2')
  return withoutDefaultPort(asked) === withoutDefaultPort(webUrl)
}
