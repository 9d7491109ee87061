import { Suspense, lazy } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { Frame } from "./Frame";
import { NotFound } from "./NotFound";
import { Loading } from "./States";
import { Theme } from "./Theme";
import { settings } from "./settings";

// A page is loaded when it is first visited.
const PurchasePage = lazy(() => import("../purchase/PurchasePage"));
const OrdersPage = lazy(() => import("../orders/OrdersPage"));
const OrderPage = lazy(() => import("../orders/OrderPage"));
const RedeemPage = lazy(() => import("../redeem/RedeemPage"));
const AccountPage = lazy(() => import("../account/AccountPage"));
const Administration = lazy(() => import("../admin/Administration"));
const SignedIn = lazy(() => import("./SignedIn"));

export function App() {
  return (
    <Theme>
      <BrowserRouter basename={settings.basePath.replace(/\/$/, "")}>
        <Frame>
          <Suspense fallback={<Loading lines={6} />}>
            <Routes>
              <Route path="/" element={<Navigate to="/purchase" replace />} />
              <Route path="/purchase" element={<PurchasePage />} />
              <Route path="/orders" element={<OrdersPage />} />
              <Route path="/orders/:number" element={<OrderPage />} />
              <Route path="/redeem" element={<RedeemPage />} />
              <Route path="/account" element={<AccountPage />} />
              <Route path="/admin/*" element={<Administration />} />
              <Route path="/signed-in" element={<SignedIn />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense>
        </Frame>
      </BrowserRouter>
    </Theme>
  );
}
