/** The version of the product; package.json has the same, which a test proves. */
export const version = "0.1.0";
