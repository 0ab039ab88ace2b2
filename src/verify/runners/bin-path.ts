/** Sets PATH like npm does, with the programs of a package and of the workspaces around it. */
export function binPath(folder: string): string {
  const depth = folder === '' ? 0 : folder.split('/').length
  const folders = Array.from({ length: depth + 1 }, (_, up) => `$PWD/${'../'.repeat(up)}node_modules/.bin`)
  return `export PATH="${folders.join(':')}:$PATH"`
}
