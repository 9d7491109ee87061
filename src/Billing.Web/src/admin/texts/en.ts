export default {
  title: "Administration",
  signIn: "Sign in as an administrator.",
  forbidden: "This part is for administrators.",
  menu: "Administration",
  section: { overview: "Overview" },
  welcome: "Choose what to look after.",
};
