import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/*
 * Takes from GitHub's published OpenAPI (MIT, "Octokit contributors") the schemas that the conformance test needs.
 * The packages are far too large to depend on; fetch them into a temporary directory:
 *
 *   npm pack @octokit/openapi@23.0.2 @octokit/openapi-webhooks@12.1.0
 *   tar xzf octokit-openapi-23.0.2.tgz --one-top-level=rest package/generated/api.github.com.json
 *   tar xzf octokit-openapi-webhooks-12.1.0.tgz --one-top-level=webhooks package/generated/api.github.com.json
 *   node test/stand-ins/github/extract-schemas.ts DIRECTORY
 */

const OPERATIONS = [
  'GET /app',
  'GET /app/installations',
  'GET /app/installations/{installation_id}',
  'POST /app/installations/{installation_id}/access_tokens',
  'POST /app-manifests/{code}/conversions',
  'GET /app/hook/config',
  'GET /app/hook/deliveries',
  'GET /app/hook/deliveries/{delivery_id}',
  'POST /app/hook/deliveries/{delivery_id}/attempts',
  'GET /installation/repositories',
  'DELETE /installation/token',
  'GET /repos/{owner}/{repo}/installation',
  'GET /users/{username}/installation',
  'GET /orgs/{org}/installation',
  'GET /rate_limit',
  'GET /user',
  'GET /users/{username}',
  'GET /repos/{owner}/{repo}',
  'GET /repos/{owner}/{repo}/rules/branches/{branch}',
  'GET /repos/{owner}/{repo}/rulesets',
  'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}',
  'GET /repos/{owner}/{repo}/collaborators/{username}',
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
  'GET /repos/{owner}/{repo}/issues',
  'POST /repos/{owner}/{repo}/issues',
  'GET /repos/{owner}/{repo}/issues/{issue_number}',
  'PATCH /repos/{owner}/{repo}/issues/{issue_number}',
  'GET /repos/{owner}/{repo}/issues/comments',
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}',
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
  'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/reactions',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/reactions',
  'DELETE /repos/{owner}/{repo}/issues/{issue_number}/reactions/{reaction_id}',
  'GET /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions',
  'POST /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/labels',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
  'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}',
  'GET /repos/{owner}/{repo}/labels',
  'POST /repos/{owner}/{repo}/labels',
  'GET /repos/{owner}/{repo}/labels/{name}',
  'GET /repos/{owner}/{repo}/git/ref/{ref}',
  'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
  'POST /repos/{owner}/{repo}/git/refs',
  'PATCH /repos/{owner}/{repo}/git/refs/{ref}',
  'DELETE /repos/{owner}/{repo}/git/refs/{ref}',
  'POST /repos/{owner}/{repo}/git/blobs',
  'GET /repos/{owner}/{repo}/git/blobs/{file_sha}',
  'POST /repos/{owner}/{repo}/git/trees',
  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
  'POST /repos/{owner}/{repo}/git/commits',
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
  'GET /repos/{owner}/{repo}/branches',
  'GET /repos/{owner}/{repo}/branches/{branch}',
  'GET /repos/{owner}/{repo}/commits',
  'GET /repos/{owner}/{repo}/commits/{ref}',
  'GET /repos/{owner}/{repo}/compare/{basehead}',
  'GET /repos/{owner}/{repo}/contents/{path}',
  'GET /repos/{owner}/{repo}/pulls',
  'POST /repos/{owner}/{repo}/pulls',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}',
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments',
  'GET /repos/{owner}/{repo}/pulls/comments',
  'GET /repos/{owner}/{repo}/pulls/comments/{comment_id}',
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies',
  'GET /repos/{owner}/{repo}/forks',
  'POST /repos/{owner}/{repo}/forks',
  'POST /repos/{owner}/{repo}/merge-upstream',
  'POST /repos/{owner}/{repo}/check-runs',
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
  'POST /repos/{owner}/{repo}/statuses/{sha}',
  'GET /repos/{owner}/{repo}/commits/{ref}/status',
]

const WEBHOOKS = [
  'issue-comment-created',
  'issue-comment-edited',
  'issue-comment-deleted',
  'issues-opened',
  'issues-edited',
  'issues-labeled',
  'issues-unlabeled',
  'issues-closed',
  'issues-reopened',
  'pull-request-opened',
  'pull-request-edited',
  'pull-request-labeled',
  'pull-request-unlabeled',
  'pull-request-synchronize',
  'pull-request-closed',
  'pull-request-reopened',
  'pull-request-review-submitted',
  'pull-request-review-comment-created',
  'installation-created',
  'installation-deleted',
  'installation-suspend',
  'installation-unsuspend',
]

const Json = z.record(z.string(), z.unknown())
type Json = z.infer<typeof Json>

/** What explains rather than restricts, and so is left out. */
const DROPPED = [
  'description',
  'example',
  'examples',
  'title',
  'deprecated',
  'readOnly',
  'default',
  'externalDocs',
]

function extract(directory: string): void {
  const rest = load(join(directory, 'rest/package/generated/api.github.com.json'))
  const restRoots = Object.fromEntries(OPERATIONS.map((operation) => [operation, answersOf(rest, operation)]))
  save('rest.json', '@octokit/openapi@23.0.2', { roots: restRoots, document: rest })
  const webhooks = load(join(directory, 'webhooks/package/generated/api.github.com.json'))
  const bodies = WEBHOOKS.map((name) => [
    name,
    {
      body: at(webhooks, ['webhooks', name, 'post', 'requestBody', 'content', 'application/json', 'schema']),
    },
  ])
  save('webhooks.json', '@octokit/openapi-webhooks@12.1.0', {
    roots: Object.fromEntries(bodies),
    document: webhooks,
  })
}

/** Status to schema; null where there is no body. */
function answersOf(document: Json, operation: string): Json {
  const [method = '', path = ''] = operation.split(' ')
  const responses = at(document, ['paths', path, method.toLowerCase(), 'responses'])
  if (responses === undefined) throw new Error(`GitHub does not document ${operation}`)
  return Object.fromEntries(
    Object.entries(Json.parse(responses)).map(([status, response]) => {
      const { $ref } = Json.parse(response)
      const real = typeof $ref === 'string' ? at(document, $ref.slice(2).split('/')) : response
      return [status, at(real, ['content', 'application/json', 'schema']) ?? null]
    }),
  )
}

function save(
  file: string,
  source: string,
  { roots, document }: { readonly roots: Json; readonly document: Json },
): void {
  const definitions: Json = {}
  const waiting = [...referencesIn(roots)]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in definitions) continue
    const schema = at(document, ['components', 'schemas', name])
    definitions[name] = convert(schema)
    waiting.push(...referencesIn(schema))
  }
  const sorted = Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)))
  const target = join(import.meta.dirname, '../../fixtures/github-schemas')
  mkdirSync(target, { recursive: true })
  // One schema a line: small, and a newer version still gives a readable diff.
  const lines = (schemas: Json) =>
    Object.entries(schemas)
      .map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`)
      .join(',\n')
  const text = `{"source":${JSON.stringify(source)},"license":"MIT, Octokit contributors",
"operations":{\n${lines(Json.parse(convert(roots)))}\n},
"definitions":{\n${lines(sorted)}\n}}`
  writeFileSync(join(target, file), `${text}\n`)
}

/** OpenAPI 3.0 to JSON Schema: `nullable` becomes a type, references point into `definitions`. */
function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert)
  if (value === null || typeof value !== 'object') return value
  const { nullable, ...schema } = Json.parse(value)
  const converted: Json = {}
  for (const [key, item] of Object.entries(schema)) {
    if (key === '$ref') converted[key] = String(item).replace('#/components/schemas/', '#/definitions/')
    else if (key === 'properties')
      converted[key] = Object.fromEntries(
        Object.entries(Json.parse(item)).map(([name, property]) => [name, convert(property)]),
      )
    else if (key === 'allOf' && isUserOrEnterprise(item)) converted.anyOf = convert(item)
    else if (!key.startsWith('x-') && !DROPPED.includes(key)) converted[key] = convert(item)
  }
  return nullable === true ? { anyOf: [converted, { type: 'null' }] } : converted
}

/** GitHub's own mistake in `GET /app/installations`: an account is said to be a user and an enterprise at once. */
function isUserOrEnterprise(parts: unknown): boolean {
  const titles = Array.isArray(parts) ? parts.map((part) => at(part, ['title'])) : []
  return titles.includes('Simple User') && titles.includes('Enterprise')
}

function referencesIn(value: unknown): Set<string> {
  const found = JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)
  return new Set([...found].map(([, name = '']) => name))
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, key) => Json.safeParse(current).data?.[key], value)
}

function load(path: string): Json {
  return Json.parse(JSON.parse(readFileSync(path, 'utf8')))
}

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('say in which directory the two packages are unpacked')
extract(directory)
