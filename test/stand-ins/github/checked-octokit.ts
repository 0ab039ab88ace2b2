import { type QuietOctokit, quietOctokit } from './quiet-octokit.ts'
import type { SchemaCheck } from './schema-check.ts'

interface Options {
  readonly apiUrl: string
  /** As Octokit takes it: App, installation or token. Nobody in particular without. */
  readonly auth: object | undefined
  readonly check: SchemaCheck
  /** Collects `METHOD route status: what is wrong`. */
  readonly problems: string[]
}

/** A real Octokit that compares every answer, refusals included, with GitHub's published schemas. */
export function checkedOctokit({ apiUrl, auth, check, problems }: Options): QuietOctokit {
  const octokit = quietOctokit({ apiUrl, auth })
  function inspect(
    request: { readonly method: string; readonly url: string },
    status: number,
    body: unknown,
  ): void {
    const operation = `${request.method} ${request.url.replace(apiUrl, '')}`
    for (const problem of check.answer(operation, status, body))
      problems.push(`${operation} ${status}: ${problem}`)
  }
  octokit.hook.after('request', (response, request) => inspect(request, response.status, response.data))
  octokit.hook.error('request', (error, request) => {
    if ('response' in error && error.response) inspect(request, error.response.status, error.response.data)
    throw error
  })
  return octokit
}
