export default {
  title: "管理",
  signIn: "请以管理员身份登录。",
  forbidden: "此部分仅供管理员使用。",
  menu: "管理菜单",
  section: { overview: "概览" },
  welcome: "请选择要管理的内容。",
};
