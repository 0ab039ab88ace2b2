/** A repository by name; `id` survives renames and tells a reused name from the repository that was meant. */
export interface RepoRef {
  readonly owner: string
  readonly name: string
  readonly id?: number
}
