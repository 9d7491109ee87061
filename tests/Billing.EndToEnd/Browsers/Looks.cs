namespace Billing.EndToEnd.Browsers;

/// <summary>Which windows and languages a flow is tried in.</summary>
public static class Looks
{
    /// <summary>Both widths in both languages.</summary>
    public static TheoryData<Screen, Tongue> All =>
        new() { { Screen.Phone, Tongue.English }, { Screen.Phone, Tongue.Chinese }, { Screen.Desk, Tongue.English }, { Screen.Desk, Tongue.Chinese } };
}
