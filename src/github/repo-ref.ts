/** A repository by name. `id` survives renames, and tells the repository that was meant from one that reuses its name. */
export interface RepoRef {
  readonly owner: string
  readonly name: string
  readonly id?: number | undefined
}

/** `acme/api`: for people. */
export function fullName({ owner, name }: RepoRef): string {
  return `${owner}/${name}`
}

/** The two parameters by which every route of GitHub's API names a repository. */
export function inRepository({ owner, name }: RepoRef): { readonly owner: string; readonly repo: string } {
  return { owner, repo: name }
}
