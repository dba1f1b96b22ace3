// What `cargo xtask test e2e` tells the tests.

/** A variable that must be set; the message says who sets it. */
export function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the browser tests with \`cargo xtask test e2e\`.`);
  return value;
}
