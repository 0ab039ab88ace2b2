/**
 * A repository by name. `id` survives renames, and tells the repository that was meant from a later one with the same
 * name.
 */
export interface RepoRef {
  readonly owner: string
  readonly name: string
  readonly id?: number | undefined
}

/** `acme/api`, as people write it. */
export function fullName({ owner, name }: RepoRef): string {
  return `${owner}/${name}`
}

/** The parameters with which every route of GitHub's API names a repository. */
export function inRepository({ owner, name }: RepoRef): { readonly owner: string; readonly repo: string } {
  return { owner, repo: name }
}
