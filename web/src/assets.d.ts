/** Files that the bundler inlines as text. */
declare module "*.svg" {
  const text: string;
  export default text;
}
